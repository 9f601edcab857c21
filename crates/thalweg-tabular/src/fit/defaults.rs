//! Sizes of networks and trainings, from those of a table.

use crate::parts::{Family, Network};
use crate::split::{FEW, MANY};

/// What the number of rows and columns suggests.
pub(super) struct Defaults {
    pub(super) network: Option<Network>,
    pub(super) hidden: Vec<usize>,
    pub(super) members: usize,
    pub(super) steps: usize,
    pub(super) batch: usize,
    pub(super) rate: f64,
    pub(super) patience: usize,
}

/// From this number of columns on, a table is wide.
const WIDE: usize = 200;

impl Defaults {
    pub(super) fn of(rows: usize, columns: usize) -> Self {
        let few = rows < MANY;
        let hidden = match rows {
            ..FEW => vec![32],
            FEW..MANY => vec![32, 32],
            _ => vec![64, 64],
        };
        let network = match columns {
            // A flow learns nothing from fewer rows than columns that the Gaussian and the kernels do not know.
            WIDE.. if rows < 10 * columns => None,
            WIDE.. => Some(Network::new(Family::Affine).with_layers(4)),
            _ => Some(Network::new(Family::Spline).with_layers(if few { 3 } else { 5 })),
        };
        Self {
            network: network.map(|network| network.with_hidden(&hidden)),
            hidden,
            // Of few rows, more parts leave more of them to each member.
            members: match rows {
                ..FEW => 10,
                FEW..MANY => 5,
                _ => 1,
            },
            // More rows are worth more steps. Each costs in proportion to the columns: a table is learned within minutes.
            steps: match few {
                true => 600,
                false => (rows / 5).min(100_000 / columns).clamp(2000, 5000),
            },
            batch: if few { 128 } else { 512 },
            rate: 1e-3,
            // The rate falls until the end, and the best weights come late: only few rows stop early.
            patience: if few { 20 } else { 100 },
        }
    }
}
