//! Densities of tables as they come.

mod anomaly;
mod baselines;
mod columns;
mod density;
mod description;
mod detector;
mod drawn;
mod error;
mod explain;
mod fit;
mod fitted;
mod member;
mod parts;
mod quality;
mod report;
mod rows;
mod schema;
mod sheet;
mod split;
mod stream;
mod summary;

pub use anomaly::Anomaly;
pub use baselines::Baselines;
pub use columns::{Cycle, Kind, Support};
pub use density::Density;
pub use error::{DensityError, RowError};
pub use explain::Contribution;
pub use fit::{Part, Summary};
pub use fitted::FittedDensity;
pub use member::Training;
pub use parts::{Family, Network};
pub use quality::{ColumnQuality, Memorization, PairQuality, Quality, quality};
pub use report::{ColumnReport, Frequency, LossPoint, Losses, Pit, Report};
pub use schema::{Known, Missing, Role};
pub use stream::{ScoreError, ScoredRows};
