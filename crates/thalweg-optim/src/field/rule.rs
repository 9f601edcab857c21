//! Fields that treat each parameter on its own.

use std::fmt::Debug;

use crate::{EvaluationError, StateError};
use burn::tensor::Tensor;

use super::{Field, Point};
use crate::{Kernel, Parameters};

/// What a [`Rule`] remembers of one parameter.
#[derive(Debug, Clone, Default)]
pub struct Memory<const D: usize> {
    /// Moving averages or sums, each of the parameter's shape; none before the first step.
    pub averages: Vec<Tensor<D>>,
    /// Steps made.
    pub steps: u64,
}

/// A [`Field`] that treats each parameter, and each of its components, on its own. With Euler's
/// method it is an optimizer in Burn's sense too, see [`Euler`](crate::Euler).
pub trait Rule: Debug + Clone + Send + Sync + 'static {
    /// The rule for one number; [`NoKernel`](crate::NoKernel) for a rule that is not written as
    /// one.
    type Kernel: Kernel;

    /// The kernel of the step after so many.
    fn kernel(&self, _steps: u64) -> Option<Self::Kernel> {
        None
    }

    /// `d` for a parameter `theta` with this gradient, and the memory after a step.
    fn direction<const D: usize>(
        &self,
        memory: &Memory<D>,
        theta: &Tensor<D>,
        gradient: Tensor<D>,
    ) -> (Tensor<D>, Memory<D>);

    /// As [`Field::name`].
    fn name(&self) -> String {
        super::of_type::<Self>()
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
        let (mut directions, mut memories) = (vec![], vec![]);
        let theta = point.theta.tensors();
        for (index, (gradient, theta)) in gradient.into_tensors().into_iter().zip(theta).enumerate()
        {
            let before = memory.get(index).unwrap_or(&empty);
            let (direction, after) = Rule::direction(self, before, theta, gradient);
            directions.push(direction);
            memories.push(after);
        }
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
            let one = memory
                .iter()
                .filter_map(|memory| memory.averages.get(index));
            Parameters::from_tensors(one.cloned().collect()).check_like("memory", theta)
        })
    }
}

impl<const D: usize> Memory<D> {
    /// One step on, with these averages.
    pub(crate) fn next(&self, averages: Vec<Tensor<D>>) -> Self {
        Self {
            averages,
            steps: self.steps + 1,
        }
    }
}
