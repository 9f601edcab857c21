//! Fields that treat each number on its own.

use std::fmt::Debug;

use burn::tensor::Tensor;

use crate::{EvaluationError, Field, Operand, Parameters, Point, StateError};

/// The memory of a [`Rule`] for one parameter.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_optim::field::Rms;
/// use thalweg_optim::{Memory, Rule};
///
/// let theta = Tensor::<1>::ones([3], &Device::default());
/// let (_, memory) = Rms::default().direction(&Memory::default(), &theta, theta.clone() * 2.0);
/// assert_eq!((memory.averages.len(), memory.steps), (1, 1));
/// let mean = memory.averages[0].clone().max().into_scalar::<f32>();
/// assert!((mean - 0.01 * 4.0).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Memory<const D: usize> {
    /// Moving averages or sums, each of the parameter's shape; none before the first step.
    pub averages: Vec<Tensor<D>>,
    /// The number of steps.
    pub steps: u64,
}

/// `d(θ, g, averages)` for one number, or for a tensor of them. It moves the averages. The places of
/// averages that the rule does not keep hold no value.
///
/// See [`Rule`] for an example.
pub trait Update<N>: Fn(N, N, [&mut N; 2]) -> N + Copy + Send + Sync {}

impl<N, F: Fn(N, N, [&mut N; 2]) -> N + Copy + Send + Sync> Update<N> for F {}

/// A [`Field`] that treats each number on its own: `θ̇ = −d(θ, g, averages)` with the gradient `g`.
/// With Euler's method it is an optimizer of Burn too, see [`Euler`](crate::Euler).
///
/// The formula is written once, in [`update`](Self::update): it runs in a loop over `f32` or `f64`
/// and on tensors. [`rule_laws!`](crate::rule_laws) tests a rule. Lion is one:
///
/// ```
/// use thalweg_optim::{Euler, Operand, Rule, Update, field::Decay, laws};
///
/// /// `d = sign(β₁m + (1 − β₁)g)`, `m ← β₂m + (1 − β₂)g`.
/// ///
/// /// Chen and others: *Symbolic discovery of optimization algorithms*, 2023, algorithm 2.
/// #[derive(Debug, Clone, Copy)]
/// struct Lion {
///     decays: [f64; 2],
/// }
///
/// impl Rule for Lion {
///     const AVERAGES: usize = 1;
///
///     fn update<N: Operand>(&self, _: u64) -> impl Update<N> {
///         let [beta, beta_mean] = self.decays.map(N::constant);
///         let [rest, rest_mean] = self.decays.map(|beta| N::constant(1.0 - beta));
///         move |_: N, g: N, [mean, _]: [&mut N; 2]| {
///             let direction = (mean.clone() * beta + g.clone() * rest).sign();
///             *mean = mean.clone() * beta_mean + g * rest_mean;
///             direction
///         }
///     }
/// }
///
/// let lion = Lion { decays: [0.9, 0.99] };
/// laws::check_all(&lion, &burn::tensor::Device::default())?;
/// let optimizer = Euler::new(Decay::decoupled(lion, 0.1)).init();
/// # let _ = optimizer;
/// # Ok::<(), laws::Broken>(())
/// ```
pub trait Rule: Debug + Clone + Send + Sync + 'static {
    /// The number of averages that the rule keeps for each number, at most 2.
    const AVERAGES: usize;

    /// The formula for the step with this number, the first being 1. Convert constants here, by
    /// [`Operand::constant`], and not in the returned function: it runs for each number.
    fn update<N: Operand>(&self, step: u64) -> impl Update<N>;

    /// `d` for a parameter `theta` with this gradient, and the memory after a step. By default
    /// [`update`](Self::update) on tensors, with averages that start from zero.
    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        theta: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>) {
        const { assert!(Self::AVERAGES <= 2, "a rule keeps at most two averages") };
        let steps = memory.steps + 1;
        let mut averages = [0, 1].map(|index| match memory.averages.get(index) {
            Some(average) => average.clone(),
            None if index < Self::AVERAGES => theta.zeros_like(),
            None => theta.clone(), // no value, and no memory of its own
        });
        let [first, second] = &mut averages;
        let direction = self.update(steps)(theta.clone(), gradient, [first, second]);
        let averages = averages.into_iter().take(Self::AVERAGES).collect();
        (direction, Memory { averages, steps })
    }

    /// As [`Field::name`].
    fn name(&self) -> String {
        crate::follow::type_name::<Self>()
    }

    /// As [`Field::squares`].
    fn squares(&self) -> bool {
        false
    }
}

impl<R: Rule> Field for R {
    type Memory = Vec<Memory<1>>;

    fn direction(
        &self,
        memory: &Self::Memory,
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, Self::Memory), EvaluationError> {
        let empty = Memory::default();
        let parameters = gradient
            .into_tensors()
            .into_iter()
            .zip(point.theta.tensors());
        let moved = parameters.enumerate().map(|(index, (gradient, theta))| {
            let before = memory.get(index).unwrap_or(&empty);
            Rule::direction(self, before, theta, gradient)
        });
        let (directions, memories) = moved.unzip();
        Ok((Parameters::from_tensors(directions), memories))
    }

    fn name(&self) -> String {
        Rule::name(self)
    }

    fn squares(&self) -> bool {
        Rule::squares(self)
    }

    fn check_memory(&self, memory: &Self::Memory, theta: &Parameters) -> Result<(), StateError> {
        let averages = memory.iter().map(|memory| memory.averages.len());
        let averages = averages.max().unwrap_or(0);
        (0..averages).try_for_each(|index| {
            let all = memory.iter();
            let one = all.filter_map(|memory| memory.averages.get(index));
            Parameters::from_tensors(one.cloned().collect()).check_like("memory", theta)
        })
    }
}
