//! Whether a tableau is what it claims to be.

use super::Tableau;
use super::trees::TREES;
use crate::OdeError;

/// How far a condition may be off: several roundings of numbers up to 13.
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
