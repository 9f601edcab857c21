//! The values of a category.

use serde::{Deserialize, Serialize};

/// The distinct values of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Words {
    /// Words, in alphabetical order.
    Text(Vec<String>),
    /// Numbers, ascending, and the step of their grid.
    Numbers {
        /// The numbers.
        values: Vec<f64>,
        /// The step by which other numbers are counted.
        step: f64,
    },
}

/// The values of a category in the training rows, and the probability that is kept for all others.
///
/// A value is one of the seen ones with probability `1 − ε`, and then has its level's probability. `ε` is the
/// estimate of Good and Turing, `(n₁ + ½) / (n + 1)`, where `n₁` of `n` rows hold a value that occurs once. Words that were not
/// seen share `ε`; a number that was not seen, `d` steps away from the closest that was, has
/// `ε / (2 d (d + 1))`, which sums to `ε` over both sides.
///
/// I. J. Good: *The population frequencies of species and the estimation of population parameters*, 1953.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Levels {
    pub(crate) words: Words,
    /// Whether a missing value is a level, the last one.
    pub(crate) missing: bool,
    /// The probability of all other values.
    unseen: f64,
    /// The most frequent level, which networks see in place of a value that they do not know.
    common: usize,
}

/// A value as its level, or as what it adds to the log-density where it has none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Level {
    /// The level, and the logarithm of the probability that it is a seen one.
    Seen(usize, f64),
    /// The log-probability of an unseen value.
    Unseen(f64),
}

impl Levels {
    /// Of the level of each row.
    pub(crate) fn new(words: Words, missing: bool, codes: impl Iterator<Item = usize>) -> Self {
        let mut levels = Self {
            words,
            missing,
            unseen: 0.0,
            common: 0,
        };
        let mut counts = vec![0_usize; levels.count()];
        codes.for_each(|code| counts[code] += 1);
        let rows: usize = counts.iter().sum();
        let once = counts.iter().filter(|count| **count == 1).count();
        let most = counts.iter().enumerate().max_by_key(|(_, count)| **count);
        levels.common = most.map_or(0, |(level, _)| level);
        // Where all values are different nothing is known of the next one: half of the probability.
        levels.unseen = ((once as f64 + 0.5) / (rows as f64 + 1.0)).min(0.5);
        levels
    }

    /// Whether there are levels, in order, and a probability for others.
    pub(crate) fn is_sound(&self) -> bool {
        let ordered = match &self.words {
            Words::Text(words) => words.is_sorted(),
            Words::Numbers { values, step } => {
                values.is_sorted() && *step > 0.0 && step.is_finite()
            }
        };
        let probable = self.unseen > 0.0 && self.unseen < 1.0;
        ordered && probable && self.common < self.count()
    }

    /// The number of levels.
    pub(crate) fn count(&self) -> usize {
        let words = match &self.words {
            Words::Text(words) => words.len(),
            Words::Numbers { values, .. } => values.len(),
        };
        words + usize::from(self.missing)
    }

    /// The level that stands for a value without one.
    pub(crate) fn common(&self) -> usize {
        self.common
    }

    /// The level of a word.
    pub(crate) fn of_word(&self, word: &str) -> Level {
        match &self.words {
            Words::Text(words) => match words.binary_search_by(|known| known.as_str().cmp(word)) {
                Ok(level) => self.seen(level),
                Err(_) => Level::Unseen(self.unseen.ln()),
            },
            Words::Numbers { .. } => Level::Unseen(self.unseen.ln()),
        }
    }

    /// The level of a number.
    pub(crate) fn of_number(&self, x: f64) -> Level {
        let Words::Numbers { values, step } = &self.words else {
            return Level::Unseen(self.unseen.ln());
        };
        let place = values.partition_point(|value| *value < x);
        let around = [
            place.checked_sub(1),
            Some(place).filter(|place| *place < values.len()),
        ];
        let closest = around.into_iter().flatten();
        let closest = closest.map(|level| (level, (values[level] - x).abs()));
        let Some((level, distance)) = closest.min_by(|a, b| a.1.total_cmp(&b.1)) else {
            return Level::Unseen(self.unseen.ln());
        };
        // Half a step is the cell of the recorded value.
        if distance <= 1e-6 * step {
            return self.seen(level);
        }
        let steps = (distance / step).round().max(1.0);
        Level::Unseen(self.unseen.ln() - (2.0 * steps).ln() - (steps + 1.0).ln())
    }

    /// The level of a missing value, if there is one.
    pub(crate) fn of_missing(&self) -> Option<Level> {
        self.missing.then(|| self.seen(self.count() - 1))
    }

    fn seen(&self, level: usize) -> Level {
        Level::Seen(level, (-self.unseen).ln_1p())
    }
}
