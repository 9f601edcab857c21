//! The quality of synthetic rows as a picture.

use thalweg_plot::Page;

use super::Quality;
use super::text::worst;
use crate::sheet::{self, marginal};

/// Columns with a picture of their own, the least alike ones.
const COLUMNS: usize = 12;
/// The tables.
const NAMES: [&str; 2] = ["real", "synthetic"];

impl Quality {
    pub(super) fn page(&self) -> Page {
        let shown = worst(&self.columns, COLUMNS, |column| column.distance);
        let columns = self.tables.iter().filter(|pair| {
            let name = &pair.name;
            shown.iter().any(|column| column.name == *name)
        });
        sheet::page(
            "Real and synthetic rows",
            &self.to_string(),
            vec![],
            columns.filter_map(|pair| marginal(pair, NAMES)).collect(),
            (&self.tables, NAMES),
        )
    }
}
