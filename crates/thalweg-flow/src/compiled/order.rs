//! Orders of the numbers of a sample.

use burn::module::{Module, ModuleDisplay};
use thalweg_kernels::Direction;

use super::{Batch, ChannelMap, FlowStep, Lower, Lowering, Scratch};
use crate::{Haar, MultiScale, Permutation, Reverse, Squeeze};

/// `zᵢ = x_{order[i]}`.
#[derive(Debug)]
pub(super) struct Ordered(pub(super) Vec<usize>);

impl FlowStep for Ordered {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        x.change_beside(self.0.len(), scratch, |_, x, old| {
            old.copy_from_slice(x);
            let places = self.0.iter().enumerate();
            match direction {
                Direction::Forward => places.for_each(|(to, from)| x[to] = old[*from]),
                Direction::Inverse => places.for_each(|(from, to)| x[*to] = old[from]),
            }
            0.0
        });
    }
}

/// # Panics
///
/// For samples of another number of channels.
impl<C, const D: usize> Lower<C> for Permutation<D> {
    fn lower(&self, plan: &mut Lowering) {
        let (order, shape) = (self.order(), plan.shape());
        assert!(
            order.len() == shape[0],
            "an order of {} channels got samples {shape:?}",
            order.len()
        );
        plan.order_channels(&order);
    }
}

impl<C, const D: usize> Lower<C> for Reverse<D> {
    fn lower(&self, plan: &mut Lowering) {
        let order: Vec<usize> = (0..plan.shape()[0]).rev().collect();
        plan.order_channels(&order);
    }
}

/// # Panics
///
/// When the blocks do not divide the image.
impl<C> Lower<C> for Squeeze {
    fn lower(&self, plan: &mut Lowering) {
        let shape = plan.shape();
        let squeezed = self.shape(shape).unwrap_or_else(|| {
            panic!("the blocks of a squeeze, {self}, do not divide an image of {shape:?}")
        });
        let [channels, height, width] = squeezed;
        let mut order = Vec::with_capacity(plan.numbers());
        for channel in 0..channels {
            for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
                let [from, row, column] = self.source(shape[0], [channel, y, x]);
                order.push((from * shape[1] + row) * shape[2] + column);
            }
        }
        plan.reshape(Ordered(order), squeezed);
    }

    fn data_shape(&self, [channels, height, width]: [usize; 3]) -> [usize; 3] {
        let factor = self.factor;
        [
            channels / (factor * factor),
            height * factor,
            width * factor,
        ]
    }
}

impl<C> Lower<C> for Haar {
    fn lower(&self, plan: &mut Lowering) {
        Lower::<C>::lower(&self.squeeze, plan);
        // Four channels each are multiplied by a symmetric matrix that is its own inverse.
        let channels = plan.shape()[0];
        let entry = |row: usize, column: usize| match (row / 4 == column / 4, row & column & 3) {
            (false, _) => 0.0,
            (true, 1 | 2) => -0.5,
            (true, _) => 0.5,
        };
        let entries = (0..channels * channels).map(|at| entry(at / channels, at % channels));
        let matrix: Vec<f64> = entries.collect();
        plan.map(ChannelMap::matrix(matrix.clone(), matrix, 0.0));
    }

    fn data_shape(&self, latent: [usize; 3]) -> [usize; 3] {
        Lower::<C>::data_shape(&self.squeeze, latent)
    }
}

impl<C, S, P, L> Lower<C> for MultiScale<S, P, L>
where
    S: Module + ModuleDisplay + Lower<C>,
    P: Module + ModuleDisplay + Lower<C>,
    L: Module + ModuleDisplay + Lower<C>,
{
    fn lower(&self, plan: &mut Lowering) {
        for level in &self.levels {
            level.steps.lower(plan);
            level.prior.lower(plan);
            plan.leave(level.split());
        }
        self.last.lower(plan);
    }
}
