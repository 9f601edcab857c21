//! What reports share: two tables column by column, weighted rows, pictures, files.

mod chosen;
mod counts;
mod figure;
mod level;
mod page;
mod pair;
mod save;
mod words;

pub(crate) use chosen::chosen;
pub(crate) use counts::{by_frequency, counts};
pub(crate) use figure::{bars, marginal};
use figure::{corner, rows};
pub(crate) use level::Level;
pub(crate) use page::page;
pub(crate) use pair::{Pair, Terms, label};
pub(crate) use save::{json, save};
use words::wrapped;
pub(crate) use words::{percent, probability};
