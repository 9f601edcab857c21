//! The order conditions of a tableau.

use super::Tableau;
use crate::OdeError;

/// The tolerance of a condition: several roundings of numbers up to 13.
const ROUNDING: f64 = 1e-13;

impl Tableau {
    /// Checks the tableau: rows of the right lengths, `Σⱼ aᵢⱼ = cᵢ`, the conditions
    /// `Σᵢ bᵢ Φᵢ(τ) = 1/γ(τ)` of every rooted tree `τ` of up to [`order`](Self::order) nodes (up to
    /// five), the same of the embedded method up to one order less, and, for "first same as last",
    /// that the last row of `a` is `b`.
    ///
    /// # Errors
    ///
    /// [`OdeError::Tableau`] with the first condition that fails.
    ///
    /// # References
    ///
    /// Hairer, Nørsett, Wanner: *Solving ordinary differential equations I*, 1993, theorem II.2.13.
    pub fn check(&self) -> Result<(), OdeError> {
        let s = self.stages();
        self.equal("as many rows of a as weights b", self.a.len(), s)?;
        self.equal("as many nodes c as weights b", self.c.len(), s)?;
        for (i, row) in self.a.iter().enumerate() {
            self.equal(&format!("row {i} of a has {i} weights"), row.len(), i)?;
            let sum = row.iter().sum();
            self.near(&format!("sum of row {i} of a = c"), sum, self.c[i])?;
        }
        self.check_order("b", self.b, self.order)?;
        if let Some(error) = self.error {
            self.equal("as many error weights as weights b", error.len(), s)?;
            let embedded: Vec<f64> = self.b.iter().zip(error).map(|(b, e)| b - e).collect();
            self.check_order("b - e", &embedded, self.order - 1)?;
        }
        if let (true, Some(last)) = (self.fsal, self.a.last()) {
            for (i, (a, b)) in last.iter().zip(self.b).enumerate() {
                self.near(&format!("last row of a = b at {i}"), *a, *b)?;
            }
            self.near("last of b = 0", self.b[s - 1], 0.0)?;
            self.near("last of c = 1", self.c[s - 1], 1.0)?;
        }
        Ok(())
    }

    fn check_order(&self, what: &str, weights: &[f64], order: u32) -> Result<(), OdeError> {
        for tree in TREES.iter().filter(|tree| tree.order() <= order) {
            let found = weights.iter().zip(tree.weights(self));
            let found = found.map(|(b, phi)| b * phi).sum();
            let condition = format!("the condition of {what} for the tree {tree}");
            self.near(&condition, found, 1.0 / tree.density())?;
        }
        Ok(())
    }

    fn equal(&self, condition: &str, found: usize, expected: usize) -> Result<(), OdeError> {
        self.near(condition, found as f64, expected as f64)
    }

    fn near(&self, condition: &str, found: f64, expected: f64) -> Result<(), OdeError> {
        match (found - expected).abs() <= ROUNDING {
            true => Ok(()),
            false => Err(OdeError::Tableau {
                name: self.name,
                condition: condition.into(),
                found,
                expected,
            }),
        }
    }
}

/// A tree as the subtrees of its root.
struct Tree(&'static [&'static Tree]);

const LEAF: &Tree = &Tree(&[]);
const TWO: &Tree = &Tree(&[LEAF]);
const CHERRY: &Tree = &Tree(&[LEAF, LEAF]);
const PATH3: &Tree = &Tree(&[TWO]);

/// All trees with up to five nodes: 1, 1, 2, 4 and 9.
const TREES: [&Tree; 17] = [
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
    /// The number of nodes: the order that the tree's condition belongs to.
    fn order(&self) -> u32 {
        1 + self.0.iter().map(|child| child.order()).sum::<u32>()
    }

    /// `γ`: the product over all nodes of the size of the subtree there.
    fn density(&self) -> f64 {
        let children = self.0.iter().map(|child| child.density());
        f64::from(self.order()) * children.product::<f64>()
    }

    /// `Φᵢ`, one a stage: the product over the children of `Σⱼ aᵢⱼ Φⱼ`.
    fn weights(&self, tableau: &Tableau) -> Vec<f64> {
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
