#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | question | measure |
//! |---|---|
//! | do scores rank anomalies above ordinary rows? | [`roc_auc`], [`average_precision`], [`roc_curve`], [`recall_at_false_alarm_rate`] |
//! | are two columns distributed alike? | [`ks_two_sample`], [`wasserstein_1d`], [`total_variation`] |
//! | are two tables? | [`c2st`], [`energy_distance`] |
//! | do columns depend on each other alike? | [`pearson`], [`spearman`], [`cramers_v`], [`correlation_ratio`] |
//! | are rows copies of training rows? | [`nearest_distances`], [`closer_share`] |
//! | are probabilities calibrated? | [`PitHistogram`], [`ks_one_sample_uniform`] |
//! | which of several p-values are small? | [`holm`] |
//! | how unusual is a score? | [`Calibration`] |
//! | what is the mean of log-densities, of which one may be −∞? | [`winsorized_mean`] |
//! | what is the mean of values that come one after the other? | [`RunningMean`] |
//! | how many rows are weighted rows worth? | [`effective_sample_size`] |
//! | can importance weights be trusted? | [`ParetoSmoothed`], [`Pareto`] |
//! | have Markov chains mixed? | [`r_hat`] |
//! | how many independent draws are theirs worth? | [`bulk_ess`], [`tail_ess`], [`mean_ess`] |
//!
//! A function named `..._weighted` counts rows by weights.

mod association;
mod average_precision;
mod boost;
mod chains;
mod check;
mod conformal;
mod distance;
mod error;
mod holm;
mod kd_tree;
mod kolmogorov;
mod kolmogorov_law;
mod nearest;
mod pareto;
mod pit;
mod rank;
mod roc;
mod running_mean;
mod special;
mod two_sample;
mod weights;
mod winsorized;

pub use association::{correlation_ratio, cramers_v, pearson, spearman};
pub use average_precision::{average_precision, average_precision_weighted};
pub use chains::{bulk_ess, mean_ess, r_hat, tail_ess};
pub use conformal::Calibration;
pub use distance::{energy_distance, total_variation, wasserstein_1d};
pub use error::MetricError;
pub use holm::holm;
pub use kolmogorov::{Test, ks_one_sample_uniform, ks_two_sample, ks_two_sample_weighted};
pub use nearest::{closer_share, nearest_distances};
pub use pareto::{Pareto, ParetoSmoothed};
pub use pit::PitHistogram;
pub use rank::quantile;
pub use roc::{RocPoint, recall_at_false_alarm_rate, roc_auc, roc_auc_weighted, roc_curve};
pub use running_mean::RunningMean;
pub use special::{normal_quantile, normal_share};
pub use two_sample::{TwoSample, c2st};
pub use weights::{effective_sample_size, log_mean_exp, log_sum_exp};
pub use winsorized::winsorized_mean;
