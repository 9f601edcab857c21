//! Rules as optimizers of Burn.

pub(crate) mod host;

use burn::optim::{LearningRate, ModuleOptimizer, Optimizer, RecordState, StateSink, StateSource};
use burn::tensor::{Device, Tensor};

use host::Host;

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
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use burn::optim::{GradientsParams, ModuleOptimizer};
/// use thalweg_optim::{Euler, field::Adamax};
///
/// // A step of Burn's interface, down the loss x.
/// let mut optimizer: ModuleOptimizer = Euler::new(Adamax::default()).init();
/// let gradients = GradientsParams::from_grads(model.x.val().backward(), &model);
/// let model = optimizer.step(0.1, model, gradients);
/// assert!((model.x.val().into_scalar::<f32>() - 0.9).abs() < 1e-5);
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
    type State<const D: usize> = Memory<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Memory<D>>,
    ) -> (Tensor<D>, Option<Memory<D>>) {
        let memory = state.unwrap_or_default();
        if self.runs_on_host(&tensor, &grad) {
            let steps = memory.steps + 1;
            let averages = memory.averages;
            let (tensor, averages) = host::update(&self.rule, steps, lr, tensor, grad, averages);
            return (tensor, Some(Memory { averages, steps }));
        }
        let (direction, memory) = self.rule.direction(&memory, &tensor, grad);
        (tensor - direction.mul_scalar(lr), Some(memory))
    }

    fn to_device<const D: usize>(mut state: Memory<D>, device: &Device) -> Memory<D> {
        let moved = state.averages.into_iter();
        state.averages = moved.map(|average| average.to_device(device)).collect();
        state
    }
}

impl<const D: usize> RecordState for Memory<D> {
    fn state_flatten(&self, prefix: &str, out: &mut StateSink) {
        for (index, average) in self.averages.iter().enumerate() {
            out.push_tensor(prefix, &index.to_string(), average.to_data());
        }
        out.push_scalar(prefix, "averages", (self.averages.len() as u64).into());
        out.push_scalar(prefix, "steps", self.steps.into());
    }

    fn state_unflatten(prefix: &str, src: &mut StateSource, device: &Device) -> Option<Self> {
        let count = u64::try_from(src.take_scalar(prefix, "averages")?).ok()?;
        let averages = (0..count).map(|index| {
            let data = src.take_tensor(prefix, &index.to_string())?;
            let dtype = data.dtype();
            Some(Tensor::from_data(data, (device, dtype)))
        });
        Some(Self {
            averages: averages.collect::<Option<_>>()?,
            steps: u64::try_from(src.take_scalar(prefix, "steps")?).ok()?,
        })
    }
}
