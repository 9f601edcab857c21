//! What a row has under a model.

use crate::ArgumentError;
use crate::model::Model;

/// What a row has under a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Measure {
    /// `ln p`.
    LogDensity,
    /// The larger, the stranger.
    AnomalyScore,
    /// The share of rows like the training rows that would be at least as strange.
    AnomalyPValue,
}

impl Measure {
    pub(crate) const ALL: [Self; 3] = [Self::LogDensity, Self::AnomalyScore, Self::AnomalyPValue];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::LogDensity => "log_density",
            Self::AnomalyScore => "anomaly_score",
            Self::AnomalyPValue => "anomaly_p_value",
        }
    }

    /// Whether the columns may stand behind the number of the row, by which its ties are broken.
    fn takes_row(self) -> bool {
        self == Self::AnomalyPValue
    }

    /// That there are as many arguments as columns. `given` are the names of those that are columns.
    ///
    /// Returns the number of arguments before the columns.
    pub(crate) fn check_count(
        self,
        model: &Model,
        found: usize,
        given: &[&str],
    ) -> Result<usize, ArgumentError> {
        let columns = model.names();
        match found.checked_sub(columns.len()) {
            Some(0) => Ok(0),
            Some(1) if self.takes_row() => Ok(1),
            _ => {
                let missing = columns
                    .iter()
                    .filter(|name| !given.contains(&name.as_str()));
                Err(ArgumentError::Columns {
                    function: self.name(),
                    model: model.location.url().to_string(),
                    found,
                    missing: missing.cloned().collect(),
                    columns,
                })
            }
        }
    }
}
