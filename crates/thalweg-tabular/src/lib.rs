#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | task | item |
//! |---|---|
//! | which columns, given which | [`Density::of`], [`Density::of_all`], [`Density::given`], [`Density::without`] |
//! | how a column is modelled | detected, said by [`Density::describe`]; [`Density::kind`] with a [`Kind`] |
//! | weights of rows, missing values | [`Density::weights`], [`Density::missing`] |
//! | which flow, how long | [`Density::network`], [`Density::members`], [`Density::steps`], [`Density::minutes`] |
//! | log-densities and log-probabilities | [`FittedDensity::log_prob`] |
//! | draws, also given conditions | [`FittedDensity::sample`], [`FittedDensity::sample_given`] |
//! | anomalies | [`FittedDensity::anomaly`], [`FittedDensity::threshold`], [`FittedDensity::explain`] |
//! | files larger than the memory | [`FittedDensity::stream`] |
//! | latents of rows and back, without a loss | [`FittedDensity::encode`], [`FittedDensity::decode`] |
//! | how good the density is | [`FittedDensity::report`], [`FittedDensity::reporting`], [`FittedDensity::summary`] |
//! | how good synthetic rows are | [`quality()`], [`FittedDensity::quality`] |
//! | one file with everything | [`FittedDensity::save`], [`FittedDensity::load`] |

mod anomaly;
mod any_number;
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
mod weights;

pub use anomaly::{Anomaly, rounded};
pub use baselines::Baselines;
pub use columns::{Cycle, Kind, KindError, Support};
pub use density::Density;
pub use drawn::{TOGETHER, part_seed, part_sizes};
pub use error::{DensityError, RowError};
pub use explain::Contribution;
pub use fit::FitPlan;
pub use fitted::FittedDensity;
pub use member::Training;
pub use parts::{Family, Network};
pub use quality::{ColumnQuality, Memorization, PairQuality, Quality, quality};
pub use report::{ColumnReport, Frequency, LossPoint, Losses, Pit, Report, ReportBuilder};
pub use schema::{Known, Missing, Role};
pub use stream::{ScoreError, ScoredRows};
pub use summary::{Part, Summary};
