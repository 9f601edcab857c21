//! A column of words.

use std::collections::HashMap;
use std::fmt;

/// Words by number: each distinct word is stored once.
///
/// ```
/// use thalweg_data::Text;
///
/// let mut text: Text = [Some("b"), None, Some("a"), Some("b")].into_iter().collect();
/// assert_eq!((text.get(3), text.get(1)), (Some("b"), None));
/// assert_eq!(text.levels(), ["b", "a"]); // in order of first appearance
/// text.push(Some("a"));
/// assert_eq!((text.code(4), text.code(1)), (Some(1), None)); // the places among the levels
/// assert!(text.iter().flatten().eq(["b", "a", "b", "a"]));
/// ```
#[derive(Clone, Default)]
pub struct Text {
    levels: Vec<String>,
    codes: Vec<u32>,
    known: HashMap<String, u32>,
}

/// The code of a missing word.
const MISSING: u32 = u32::MAX;

impl Text {
    /// Adds a word, or a missing one.
    ///
    /// # Panics
    ///
    /// From 2³² − 1 distinct words on.
    pub fn push(&mut self, word: Option<&str>) {
        let code = match word {
            None => MISSING,
            Some(word) => match self.known.get(word) {
                Some(code) => *code,
                None => {
                    let code = u32::try_from(self.levels.len()).expect("fewer than 2^32 words");
                    assert!(
                        code != MISSING,
                        "a column holds fewer than 2^32 - 1 distinct words"
                    );
                    self.levels.push(word.to_owned());
                    self.known.insert(word.to_owned(), code);
                    code
                }
            },
        };
        self.codes.push(code);
    }

    /// The number of words, missing ones included.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The word of a row, if it is not missing.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.code(row).map(|code| self.levels[code].as_str())
    }

    /// The place of a row's word among the [`levels`](Self::levels), if it is not missing.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn code(&self, row: usize) -> Option<usize> {
        let code = self.codes[row];
        (code != MISSING).then_some(code as usize)
    }

    /// The distinct words, in order of first appearance. Of a [selection](Self::select) of rows, those of all
    /// rows.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The words, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// The words of these rows, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            codes: rows.iter().map(|row| self.codes[*row]).collect(),
            ..self.clone()
        }
    }
}

impl<'a> FromIterator<Option<&'a str>> for Text {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(words: I) -> Self {
        let mut text = Self::default();
        words.into_iter().for_each(|word| text.push(word));
        text
    }
}

/// The words.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Equal words in the same order.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}
