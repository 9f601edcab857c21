//! Rules as optimizers of Burn.

pub(crate) mod held;
mod host;
mod list;
mod slot;

pub use list::step_in_one_pass;

use burn::optim::{LearningRate, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

use held::Held;
use host::Host;
use slot::Slot;

use crate::{Memory, Rule};

/// Euler's method on a [`Rule`]: `θ' = θ − h d`, one parameter at a time. A
/// [`burn::optim::Optimizer`] for any program on Burn.
///
/// | rule | optimizer |
/// |---|---|
/// | [`Gradient`](crate::field::Gradient) | gradient descent |
/// | [`Sign`](crate::field::Sign) | sign descent |
/// | [`Inertia`](crate::field::Inertia) | momentum, Nesterov's method |
/// | [`Rms`](crate::field::Rms) | RMSprop |
/// | [`Adagrad`](crate::field::Adagrad) | Adagrad |
/// | [`Adam`](crate::field::Adam), [`Adamax`](crate::field::Adamax) | Adam, Adamax |
/// | [`Decay::decoupled`](crate::field::Decay::decoupled) of [`Adam`](crate::field::Adam) | AdamW |
///
/// Where a device's tensors lie in the host's memory and can be read without a copy, as on Burn's
/// CPU backends, the update is one pass over all numbers by several threads. Elsewhere it is a chain
/// of tensor operations. A small tensor finds out which, once for each device.
///
/// ```
/// use burn::optim::ModuleOptimizer;
/// use thalweg_optim::{Euler, field::Adamax};
///
/// let optimizer: ModuleOptimizer = Euler::new(Adamax::default()).init();
/// # let _ = optimizer;
/// ```
#[derive(Debug, Clone)]
pub struct Euler<R> {
    rule: R,
    host: Host,
}

impl<R: Rule> Euler<R> {
    /// Euler steps along a rule.
    pub fn new(rule: R) -> Self {
        let host = Host::default();
        Self { rule, host }
    }

    fn runs_on_host<const D: usize>(&self, tensor: &Tensor<D>, grad: &Tensor<D>) -> bool {
        tensor.dtype() == grad.dtype()
            && host::is_real(tensor.dtype())
            && self.host.shares(&tensor.device())
    }

    /// An optimizer of whole modules.
    pub fn init(self) -> ModuleOptimizer {
        self.into()
    }
}

impl<R: Rule> Optimizer for Euler<R> {
    type State<const D: usize> = Slot<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Slot<D>>,
    ) -> (Tensor<D>, Option<Slot<D>>) {
        let slot = state.unwrap_or_default();
        let memory = slot.take();
        if !self.runs_on_host(&tensor, &grad) {
            let (direction, memory) = self.rule.direction(&memory, &tensor, grad);
            slot.put(memory);
            return (tensor - direction.mul_scalar(lr), Some(slot));
        }
        let steps = memory.steps + 1;
        let on_list = list::takes(&tensor);
        let held = Held::new(&self.rule, steps, lr, tensor, grad, memory.averages);
        let tensor = match on_list {
            true => list::put(held, steps, slot.share()),
            false => {
                let (tensor, averages) = held.run();
                slot.put(Memory { averages, steps });
                tensor
            }
        };
        (tensor, Some(slot))
    }

    fn to_device<const D: usize>(state: Slot<D>, device: &Device) -> Slot<D> {
        let mut memory = state.take();
        let moved = memory.averages.into_iter();
        memory.averages = moved.map(|average| average.to_device(device)).collect();
        state.put(memory);
        state
    }
}
