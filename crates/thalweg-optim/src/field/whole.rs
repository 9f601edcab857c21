//! Fields scaled by the size of the whole gradient.

use crate::EvaluationError;

use crate::{Field, Parameters, Point};

/// `θ̇ = −∇L/‖∇L‖`: speed 1 along the gradient.
///
/// A gradient of zero stays zero.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Normalized};
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let (model, _) = Descent::euler(Normalized).step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Normalized;

impl Field for Normalized {
    type Memory = ();

    fn direction(
        &self,
        (): &(),
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, ()), EvaluationError> {
        let norm = point.norm;
        let direction = match norm > 0.0 {
            true => gradient.scale_to(1.0, norm),
            false => gradient,
        };
        Ok((direction, ()))
    }
}

/// `G ← λG + (1 − λ)‖∇L‖²`, `θ̇ = −∇L/√(G + ε)`: RMSprop with one number for all components. It keeps
/// the direction of the gradient.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::ScalarRms};
///
/// // After one step G = 0.01 ‖∇L‖², so the step is ten times the rate.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let (model, _) = Descent::euler(ScalarRms::default()).step(0.01, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-5);
/// ```
///
/// # References
///
/// Su Jianlin: *Optimization from a dynamical viewpoint (2)*, kexue.fm/archives/6234, 2018.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScalarRms {
    /// λ.
    pub decay: f64,
    /// ε, inside the root.
    pub epsilon: f64,
}

impl Default for ScalarRms {
    /// `λ = 0.99`, `ε = 10⁻⁸`.
    fn default() -> Self {
        Self {
            decay: 0.99,
            epsilon: 1e-8,
        }
    }
}

impl Field for ScalarRms {
    /// `√G`, which does not overflow where `G` would.
    type Memory = f64;

    fn direction(
        &self,
        root: &f64,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, f64), EvaluationError> {
        let rest = (1.0 - self.decay).sqrt();
        let root = (self.decay.sqrt() * root).hypot(rest * point.norm);
        let length = root.hypot(self.epsilon.sqrt());
        let direction = match length > 0.0 {
            true => gradient.scale_to(1.0, length),
            false => gradient,
        };
        Ok((direction, root))
    }

    fn name(&self) -> String {
        format!("ScalarRms with λ = {}", self.decay)
    }
}

/// `θ̇ = −(∇L/‖∇L‖) · L · min(1/‖∇L‖, M)`: without the bound, `L̇ = −L`.
///
/// For losses with the smallest value 0. It goes through local minima: there the gradient is small and
/// the step large. `M` bounds the step. Euler's method with the step 1 and no bound is Polyak's step
/// size for a known smallest value.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Polyak};
///
/// // A model of one number x = 1, with the loss x²/2: a step of 1 is L/∇L = x/2.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let (model, _) = Descent::euler(Polyak { bound: 10.0 }).step(1.0, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.5).abs() < 1e-6);
/// ```
///
/// # References
///
/// Su Jianlin: *Optimization from a dynamical viewpoint (3)*, kexue.fm/archives/6261, 2019. Polyak:
/// *Introduction to optimization*, 1987, section 5.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polyak {
    /// M.
    pub bound: f64,
}

impl Field for Polyak {
    type Memory = ();

    fn direction(
        &self,
        (): &(),
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, ()), EvaluationError> {
        let loss = point.loss.clone().read()?;
        let norm = point.norm;
        let direction = match norm > 0.0 {
            true => gradient.scale_to(loss * norm.recip().min(self.bound), norm),
            false => gradient,
        };
        Ok((direction, ()))
    }
}
