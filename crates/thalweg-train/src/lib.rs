#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | part | purpose |
//! |---|---|
//! | [`Workers`] | several threads, or several devices, on each batch |
//! | [`side_by_side`] | several fits at a time |
//! | [`Accumulate`] | a batch in parts, one after the other |
//! | [`OnNonFinite`] | the policy for a loss that is not finite; [`NonFinite`] names its [`Origin`] |
//! | [`Trainer::resume`] | a run that goes on after it was interrupted or killed, to the bit |
//! | [`WithGradients`] | gradients from your function |
//! | [`schedule`] | factors on the learning rate: cosine, warm-up, steps |
//! | [`ProgressBar`] | losses, time a step, time left |
//! | [`BestCheckpoint`], [`LastCheckpoint`] | a file with the best weights, with the newest |
//! | [`records`] | a log and the best weights in a folder |
//! | [`BestMetric`] | your measure, and the best weights by it |
//! | [`CsvLog`], [`JsonLines`] | a row for each epoch |
//! | [`TensorBoard`] | curves and pictures, for TensorBoard |
//! | [`DrawSamples`] | pictures of samples, at several temperatures |
//! | [`Ema`] | an average of the weights, validated and kept in their place |
//! | [`Hyper`] | a number of the loss that moves by a schedule |
//! | [`GradientNorms`] | the norms of gradients, by layer |
//! | [`Watch`] | a number that must not grow: drift, scales, weights |
//! | [`CtrlC`] | Ctrl-C ends the run so that it can go on |
//! | [`EarlyStopping`] | ends a run that no longer improves |
//! | [`ReduceOnPlateau`] | shorter steps where the loss stays |
//! | [`Recover`] | the best weights, and shorter steps, after a collapse |
//! | [`on_epoch_end`] | a closure as a callback |

#![recursion_limit = "256"]

mod batch;
mod callback;
mod callbacks;
mod cost;
mod data;
mod divide;
mod ema;
mod error;
mod evaluate;
#[cfg(feature = "tensorboard")]
mod event_file;
mod gradient_norms;
mod history;
mod hyper;
mod limits;
mod measure;
mod non_finite;
mod outcome;
mod part_loss;
mod progress;
mod recipe;
mod run;
#[cfg(feature = "json")]
mod run_folder;
pub mod schedule;
mod seed;
mod side_by_side;
mod squares;
mod state_file;
mod stepper;
mod trainer;
mod workers;

pub use batch::{BatchSize, Shared};
pub use callback::{Callback, Every, OnBest, OnEpochEnd, Signal, on_epoch_end};
pub use callbacks::*;
pub use cost::Cost;
pub use data::{Data, NoValidation};
pub use divide::Divide;
pub use ema::Ema;
pub use error::TrainError;
pub use evaluate::{Evaluate, IntoLoss, OneThread, WithGradients};
pub use gradient_norms::{GradientNorms, Measured};
pub use history::{EpochRecord, History};
pub use hyper::{Hyper, HyperSchedule};
pub use measure::{Measurement, largest_weight};
pub use non_finite::{NonFinite, OnNonFinite, Origin};
pub use outcome::{Best, Outcome, Phase, Trained};
pub use part_loss::PartLoss;
pub use progress::Progress;
pub use recipe::{Recipe, Watcher};
#[cfg(feature = "json")]
pub use run_folder::{Facts, RunFolder, RunFolderError, fingerprint};
pub use side_by_side::side_by_side;
pub use state_file::StateFileError;
pub use stepper::Stepper;
pub use trainer::Trainer;
pub use workers::{Accumulate, Workers};
