//! One record of a file: its fields.

/// The fields of a record, in one memory that the next record uses again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    text: String,
    ends: Vec<(usize, bool)>,
    line: u64,
}

impl Record {
    pub(super) fn clear(&mut self, line: u64) {
        self.text.clear();
        self.ends.clear();
        self.line = line;
    }

    /// Ends a field with this text.
    pub(super) fn push(&mut self, field: &str, quoted: bool) {
        self.text.push_str(field);
        self.ends.push((self.text.len(), quoted));
    }

    /// The line of the file where the record begins, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The number of fields.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text of a field. Without quotes it has no blanks around it.
    pub(crate) fn get(&self, place: usize) -> &str {
        let begin = match place {
            0 => 0,
            _ => self.ends[place - 1].0,
        };
        &self.text[begin..self.ends[place].0]
    }

    /// Whether a field stood in quotes.
    #[cfg(feature = "tables")]
    pub(crate) fn is_quoted(&self, place: usize) -> bool {
        self.ends[place].1
    }

    /// The fields from a place on.
    pub(crate) fn from(&self, place: usize) -> impl Iterator<Item = &str> + Clone {
        (place..self.len()).map(|place| self.get(place))
    }

    /// The fields without the blanks around them.
    pub(crate) fn trimmed(&self) -> Vec<String> {
        self.from(0).map(|field| field.trim().to_owned()).collect()
    }
}
