//! What reports share: two tables column by column, weighted rows, pictures, files.

mod chosen;
mod figure;
mod level;
mod pair;
mod save;
mod words;

pub(crate) use chosen::{chosen, mean};
pub(crate) use figure::{bars, corner, marginal, rows};
pub(crate) use level::Level;
pub(crate) use pair::{Pair, Terms};
pub(crate) use save::save;
pub(crate) use words::{percent, probability, wrapped};
