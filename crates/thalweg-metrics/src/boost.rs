//! Gradient-boosted trees for two classes: what a classifier two-sample test needs, and no more.
//!
//! Friedman, "Greedy function approximation: a gradient boosting machine", 2001, with second-order leaves (Chen and Guestrin,
//! "XGBoost", 2016) and columns cut into bins (Ke et al., "LightGBM", 2017). On tables it is stronger than neighbours, forests
//! or a small network, and needs no scaling. The crates that hold it bring model files, threads and bindings.

use crate::rank::sorted;

/// The largest number of bins of a column; bin 0 holds missing values.
const BINS: usize = 64;
const ROUNDS: usize = 100;
const RATE: f64 = 0.1;
const DEPTH: usize = 4;
/// What leaves are drawn to zero by.
const RIDGE: f64 = 1.0;
/// The smallest sum of second derivatives in a leaf, about four times as many rows.
const SMALLEST: f64 = 2.0;

/// The columns of a table as bins, `[dims, n]`.
#[derive(Debug)]
pub(crate) struct Binned {
    pub(crate) rows: usize,
    columns: Vec<Vec<u8>>,
}

impl Binned {
    /// Bins of about equally many rows; equal values share one. `values` is `[n, dims]` in row order; NaN is missing.
    pub(crate) fn of(values: &[f64], dims: usize) -> Self {
        let column = |column: usize| {
            let values: Vec<f64> = values.iter().skip(column).step_by(dims).copied().collect();
            let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            let known = sorted(&known);
            let cut = |bin: usize| known[bin * known.len() / (BINS - 1)];
            let mut cuts: Vec<f64> = match known.is_empty() {
                true => Vec::new(),
                false => (1..BINS - 1).map(cut).collect(),
            };
            cuts.dedup();
            let bin = |value: &f64| match value.is_nan() {
                true => 0,
                false => 1 + cuts.partition_point(|cut| cut <= value) as u8,
            };
            values.iter().map(bin).collect()
        };
        Self {
            rows: values.len() / dims,
            columns: (0..dims).map(column).collect(),
        }
    }
}

/// A split of a node, or a leaf without one. Rows with a bin up to `bin` go to the lower side.
#[derive(Debug, Clone, Copy)]
struct Split {
    column: usize,
    bin: u8,
}

/// A tree of full depth. Node i has the children 2 i + 1 and 2 i + 2.
#[derive(Debug)]
struct Tree {
    splits: Vec<Option<Split>>,
    leaves: Vec<f64>,
}

impl Tree {
    fn node(&self, table: &Binned, row: usize) -> usize {
        let mut node = 0;
        while let Some(Some(split)) = self.splits.get(node) {
            node = 2 * node + 1 + usize::from(table.columns[split.column][row] > split.bin);
        }
        node
    }
}

/// First and second derivatives of the loss, summed over rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gradient: f64,
    curvature: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
    }

    fn less(self, other: Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
        }
    }

    /// Twice the fall of the loss if these rows share one leaf.
    fn fall(self) -> f64 {
        self.gradient * self.gradient / (self.curvature + RIDGE)
    }
}

/// A classifier of the rows of one table.
#[derive(Debug)]
pub(crate) struct Boosted {
    trees: Vec<Tree>,
}

impl Boosted {
    /// Fits the log-odds of `labels` on the `rows` of the table. Both classes have the same weight.
    pub(crate) fn fit(table: &Binned, labels: &[bool], rows: &[usize]) -> Self {
        let positive = rows.iter().filter(|row| labels[**row]).count() as f64;
        let negative = rows.len() as f64 - positive;
        let weight = |label: bool| {
            let own = if label { positive } else { negative };
            rows.len() as f64 / (2.0 * own.max(1.0))
        };
        let weights = [weight(false), weight(true)];
        let mut odds = vec![0.0; rows.len()];
        let trees = (0..ROUNDS).map(|_| {
            let derivatives = rows.iter().zip(&odds).map(|(row, odds): (_, &f64)| {
                let share = 1.0 / (1.0 + (-odds).exp());
                let weight = weights[usize::from(labels[*row])];
                Sums {
                    gradient: weight * (share - f64::from(u8::from(labels[*row]))),
                    curvature: weight * share * (1.0 - share),
                }
            });
            let derivatives: Vec<Sums> = derivatives.collect();
            let tree = grow(table, rows, &derivatives);
            for (row, odds) in rows.iter().zip(&mut odds) {
                *odds += tree.leaves[tree.node(table, *row)];
            }
            tree
        });
        Self {
            trees: trees.collect(),
        }
    }

    /// The log-odds of the positive class.
    pub(crate) fn log_odds(&self, table: &Binned, row: usize) -> f64 {
        let leaf = |tree: &Tree| tree.leaves[tree.node(table, row)];
        self.trees.iter().map(leaf).sum()
    }
}

/// Grows one tree, level by level.
fn grow(table: &Binned, rows: &[usize], derivatives: &[Sums]) -> Tree {
    let mut tree = Tree {
        splits: vec![None; (1 << DEPTH) - 1],
        leaves: vec![0.0; (1 << (DEPTH + 1)) - 1],
    };
    let mut nodes = vec![0; rows.len()];
    for level in 0..=DEPTH {
        let first = (1 << level) - 1;
        let mut sums = vec![Sums::default(); 1 << level];
        for (node, own) in nodes.iter().zip(derivatives) {
            // A row whose leaf lies on a level above stays there.
            if *node >= first {
                sums[node - first].add(*own);
            }
        }
        for (place, sum) in sums.iter().enumerate() {
            tree.leaves[first + place] = -RATE * sum.gradient / (sum.curvature + RIDGE);
        }
        if level == DEPTH {
            break;
        }
        let mut best: Vec<(f64, Option<Split>)> = vec![(1e-9, None); 1 << level];
        for (column, bins) in table.columns.iter().enumerate() {
            let mut histogram = vec![[Sums::default(); BINS]; 1 << level];
            for ((row, node), own) in rows.iter().zip(&nodes).zip(derivatives) {
                if *node >= first {
                    histogram[node - first][usize::from(bins[*row])].add(*own);
                }
            }
            for ((histogram, all), best) in histogram.iter().zip(&sums).zip(&mut best) {
                let mut lower = Sums::default();
                for (bin, own) in histogram.iter().enumerate() {
                    lower.add(*own);
                    let upper = all.less(lower);
                    if lower.curvature < SMALLEST || upper.curvature < SMALLEST {
                        continue;
                    }
                    let gain = lower.fall() + upper.fall() - all.fall();
                    if gain > best.0 {
                        let bin = bin as u8;
                        *best = (gain, Some(Split { column, bin }));
                    }
                }
            }
        }
        for (place, (_, split)) in best.into_iter().enumerate() {
            tree.splits[first + place] = split;
        }
        for (row, node) in rows.iter().zip(&mut nodes) {
            if *node >= first
                && let Some(split) = tree.splits[*node]
            {
                *node = 2 * *node + 1 + usize::from(table.columns[split.column][*row] > split.bin);
            }
        }
    }
    tree
}
