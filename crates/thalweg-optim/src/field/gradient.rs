//! The gradient, its sign, and the gradient over the root of its squares.

use crate::{Operand, Rule, Update};

/// `θ̇ = −∇L`: gradient flow. Euler's method on it is gradient descent.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Gradient};
///
/// // A model of one number x = 1, with the loss x²/2.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square() * 0.5, model);
/// let (model, loss) = Descent::euler(Gradient).step(0.1, model, &mut objective);
/// assert_eq!(loss.unwrap().read().unwrap(), 0.5);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-6);
/// ```
///
/// # References
///
/// Cauchy: *Méthode générale pour la résolution des systèmes d'équations simultanées*, 1847. Su
/// Jianlin: *Optimization from a dynamical viewpoint (1)*, kexue.fm/archives/5655, 2018.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gradient;

impl Rule for Gradient {
    const AVERAGES: usize = 0;

    fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
        |_: N, gradient: N, _: [&mut N; 2]| gradient
    }
}

/// `θ̇ = −sign ∇L`: each component at speed 1, so that `L̇ = −‖∇L‖₁`.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Sign};
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let (model, _) = Descent::euler(Sign).step(0.1, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-6);
/// ```
///
/// # References
///
/// Su Jianlin: *Optimization from a dynamical viewpoint (2)*, kexue.fm/archives/6234, 2018.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sign;

impl Rule for Sign {
    const AVERAGES: usize = 0;

    fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
        |_: N, gradient: N, _: [&mut N; 2]| gradient.sign()
    }
}

/// The place of ε, which keeps a division from zero.
///
/// ```
/// use thalweg_optim::field::Epsilon;
///
/// assert_eq!(Epsilon::Inside(9.0).root::<f64>()(16.0), 5.0);
/// assert_eq!(Epsilon::Outside(9.0).root::<f64>()(16.0), 13.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Epsilon {
    /// `1 / √(G + ε)`, as in Su Jianlin's derivation.
    Inside(f64),
    /// `1 / (√G + ε)`, as in PyTorch.
    Outside(f64),
}

impl Epsilon {
    /// `√(G + ε)` or `√G + ε`. The other ε is zero, so that a loop over numbers has no branch.
    pub fn root<N: Operand>(self) -> impl Fn(N) -> N + Copy + Send + Sync {
        let (inside, outside) = match self {
            Self::Inside(epsilon) => (epsilon, 0.0),
            Self::Outside(epsilon) => (0.0, epsilon),
        };
        let (inside, outside) = (N::constant(inside), N::constant(outside));
        move |square: N| square.plus(inside).sqrt().plus(outside)
    }
}

/// `G ← λG + (1 − λ)∇L²`, `θ̇ = −∇L/√(G + ε)` for each component: RMSprop.
///
/// As an equation it has no fixed point: where the gradient goes to zero so does `G`, and the speed
/// stays 1. A falling step ends it.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Rms};
///
/// // After one step G = 0.01 ∇L², so the step is ten times the rate.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let (model, _) = Descent::euler(Rms::default()).step(0.01, model, &mut objective);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-5);
/// ```
///
/// # References
///
/// Tieleman, Hinton: *Lecture 6.5 — RMSprop*, 2012. Su Jianlin: *Optimization from a dynamical
/// viewpoint (2)*, kexue.fm/archives/6234, 2018.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rms {
    /// λ.
    pub decay: f64,
    /// ε.
    pub epsilon: Epsilon,
}

impl Default for Rms {
    /// `λ = 0.99`, `ε = 10⁻⁸` inside the root.
    fn default() -> Self {
        Self {
            decay: 0.99,
            epsilon: Epsilon::Inside(1e-8),
        }
    }
}

impl Rule for Rms {
    const AVERAGES: usize = 1;

    fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
        let (decay, rest) = (N::constant(self.decay), N::constant(1.0 - self.decay));
        let root = self.epsilon.root();
        move |_: N, gradient: N, [mean, _]: [&mut N; 2]| {
            *mean = mean.clone() * decay + gradient.clone().square() * rest;
            gradient / root(mean.clone())
        }
    }

    fn name(&self) -> String {
        format!("Rms with λ = {}", self.decay)
    }

    fn squares(&self) -> bool {
        true
    }
}

/// `G ← G + ∇L²`, `θ̇ = −∇L/(√G + ε)`. It slows down for good, and too early where the first
/// gradients were large.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, field::Adagrad};
///
/// // Under a constant gradient the k-th step is 1/√k.
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val() * 1000.0, model);
/// let mut method = Descent::euler(Adagrad::default());
/// let (model, _) = method.step(1.0, model, &mut objective);
/// let (model, _) = method.step(1.0, model, &mut objective);
/// let expected = 1.0 - 1.0 - 0.5_f32.sqrt();
/// assert!((model.x.val().into_scalar::<f32>() - expected).abs() < 1e-5);
/// ```
///
/// # References
///
/// Duchi, Hazan, Singer: *Adaptive subgradient methods for online learning and stochastic
/// optimization*, 2011.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adagrad {
    /// ε.
    pub epsilon: Epsilon,
}

impl Default for Adagrad {
    /// `ε = 10⁻¹⁰` outside the root, as PyTorch's.
    fn default() -> Self {
        Self {
            epsilon: Epsilon::Outside(1e-10),
        }
    }
}

impl Rule for Adagrad {
    const AVERAGES: usize = 1;

    fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
        let root = self.epsilon.root();
        move |_: N, gradient: N, [sum, _]: [&mut N; 2]| {
            *sum = sum.clone() + gradient.clone().square();
            gradient / root(sum.clone())
        }
    }

    fn squares(&self) -> bool {
        true
    }
}
