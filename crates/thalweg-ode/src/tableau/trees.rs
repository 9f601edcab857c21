//! The rooted trees, one for each condition of an order.

use super::Tableau;

/// A tree by the trees that hang from its root.
pub(super) struct Tree(&'static [&'static Tree]);

const LEAF: &Tree = &Tree(&[]);
const TWO: &Tree = &Tree(&[LEAF]);
const CHERRY: &Tree = &Tree(&[LEAF, LEAF]);
const PATH3: &Tree = &Tree(&[TWO]);

/// All trees with up to five nodes: 1, 1, 2, 4 and 9.
pub(super) const TREES: [&Tree; 17] = [
    LEAF,
    TWO,
    CHERRY,
    PATH3,
    &Tree(&[LEAF, LEAF, LEAF]),
    &Tree(&[LEAF, TWO]),
    &Tree(&[CHERRY]),
    &Tree(&[PATH3]),
    &Tree(&[LEAF, LEAF, LEAF, LEAF]),
    &Tree(&[LEAF, LEAF, TWO]),
    &Tree(&[TWO, TWO]),
    &Tree(&[LEAF, CHERRY]),
    &Tree(&[LEAF, PATH3]),
    &Tree(&[&Tree(&[LEAF, LEAF, LEAF])]),
    &Tree(&[&Tree(&[LEAF, TWO])]),
    &Tree(&[&Tree(&[CHERRY])]),
    &Tree(&[&Tree(&[PATH3])]),
];

impl Tree {
    /// How many nodes the tree has: the order that its condition belongs to.
    pub(super) fn order(&self) -> u32 {
        1 + self.0.iter().map(|child| child.order()).sum::<u32>()
    }

    /// `γ`: the product over all nodes of the size of the tree that hangs there.
    pub(super) fn density(&self) -> f64 {
        let children = self.0.iter().map(|child| child.density());
        f64::from(self.order()) * children.product::<f64>()
    }

    /// `Φᵢ`, one a stage: the product over the children of `Σⱼ aᵢⱼ Φⱼ`.
    pub(super) fn weights(&self, tableau: &Tableau) -> Vec<f64> {
        let mut weights = vec![1.0; tableau.stages()];
        for child in self.0 {
            let inner = child.weights(tableau);
            for (weight, row) in weights.iter_mut().zip(tableau.a) {
                *weight *= row.iter().zip(&inner).map(|(a, w)| a * w).sum::<f64>();
            }
        }
        weights
    }
}

impl std::fmt::Display for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[")?;
        self.0.iter().try_for_each(|child| write!(f, "{child}"))?;
        f.write_str("]")
    }
}
