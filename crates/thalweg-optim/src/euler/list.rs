//! The steps of all parameters of a module in one pass.
//!
//! Burn's optimizer visits one parameter after the other, and asks for each one's new value before it goes
//! on. So [`Euler`](super::Euler) answers with a placeholder while a list is open on its thread, and puts
//! the step on the list; when Burn is through, the list runs, and takes the placeholders' places.

use std::any::Any;
use std::cell::RefCell;
use std::vec::IntoIter;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::Tensor;
use thalweg_kernels::threads;

use super::held::{Held, Piece, run};
use super::slot::Slot;
use crate::{Memory, Rule};

/// One step of an optimizer of Burn, like [`ModuleOptimizer::step`], in one pass over the parameters that
/// [`Euler`](super::Euler) moves: threads share the work once for all of them, and not for each. Those of a few
/// numbers, of other optimizers, or not in the host's memory, are moved one by one.
/// [`SingleGradient`](crate::SingleGradient) calls it.
///
/// The numbers are those of [`ModuleOptimizer::step`], to the bit.
///
/// ```
/// use burn::module::Module;
/// use burn::nn::LinearConfig;
/// use burn::optim::GradientsParams;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_optim::{Euler, field::Adam, step_in_one_pass};
///
/// let device = Device::default().autodiff();
/// let layer = LinearConfig::new(2, 3).init(&device);
/// let mut adam = Euler::new(Adam::default()).init();
/// let loss = layer.forward(Tensor::<2>::ones([1, 2], &device)).square().mean();
/// let gradients = GradientsParams::from_grads(loss.backward(), &layer);
/// let layer = step_in_one_pass(&mut adam, 1e-3, layer, gradients);
/// # assert!(layer.weight.is_require_grad());
/// ```
pub fn step_in_one_pass<M: Module>(
    optimizer: &mut ModuleOptimizer,
    h: f64,
    model: M,
    gradients: GradientsParams,
) -> M {
    let mut empty = Empty(vec![]);
    model.visit(&mut empty);
    let open = Open::start();
    let model = optimizer.step(h, model, gradients);
    let mut entries = open.finish();
    let mut pieces = Vec::with_capacity(entries.len());
    for entry in &mut entries {
        entry.pieces(&mut pieces);
    }
    run(pieces);
    let mut deliver = Deliver {
        entries: entries.into_iter(),
        empty: empty.0,
    };
    model.map(&mut deliver)
}

/// A step on the list.
trait Entry {
    fn pieces<'a>(&'a mut self, list: &mut Vec<Piece<'a>>);
    /// Fills the slot, and gives back the parameter, a `Tensor<D>`.
    fn finish(self: Box<Self>) -> Box<dyn Any>;
}

struct Deferred<R, const D: usize> {
    held: Held<R>,
    steps: u64,
    slot: Slot<D>,
}

impl<R: Rule, const D: usize> Entry for Deferred<R, D> {
    fn pieces<'a>(&'a mut self, list: &mut Vec<Piece<'a>>) {
        self.held.pieces(list);
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        let (theta, averages) = self.held.finish::<D>();
        let steps = self.steps;
        self.slot.put(Memory { averages, steps });
        Box::new(theta)
    }
}

thread_local! {
    static LIST: RefCell<Option<Vec<Box<dyn Entry>>>> = const { RefCell::new(None) };
}

/// A list is open while this lives.
struct Open;

impl Open {
    fn start() -> Self {
        LIST.set(Some(vec![]));
        Self
    }

    fn finish(self) -> Vec<Box<dyn Entry>> {
        LIST.take().unwrap_or_default()
    }
}

/// Also where Burn's optimizer panics.
impl Drop for Open {
    fn drop(&mut self) {
        LIST.set(None);
    }
}

/// The least numbers of a parameter for the list. A place on it takes 0.8 µs, since Burn makes a leaf of its tape
/// of the placeholder too; with two threads it saves half of the step of a parameter, by Adam 0.14 ns a number.
const WORTH: usize = 1 << 14;

/// Whether the step of this parameter is put on a list.
pub(super) fn takes<const D: usize>(theta: &Tensor<D>) -> bool {
    let numbers: usize = theta.dims().iter().product();
    D > 0 && numbers >= WORTH && LIST.with_borrow(Option::is_some) && threads() > 1
}

/// Puts a step on the list of this thread, and gives back what holds the parameter's place.
pub(super) fn put<R: Rule, const D: usize>(held: Held<R>, steps: u64, slot: Slot<D>) -> Tensor<D> {
    let placeholder = Tensor::empty(placeholder::<D>(), held.place());
    let entry = Box::new(Deferred { held, steps, slot });
    LIST.with_borrow_mut(|list| list.get_or_insert_default().push(entry));
    placeholder
}

/// The shape of what holds a parameter's place.
fn placeholder<const D: usize>() -> [usize; D] {
    [0; D]
}

/// The parameters that have the shape of a placeholder of their own.
struct Empty(Vec<ParamId>);

impl ModuleVisitor for Empty {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.lazy_shape().as_slice() == placeholder::<D>() {
            self.0.push(param.id);
        }
    }
}

/// Puts the parameters of a list in the places of the placeholders: the list is in the order of the visit.
struct Deliver {
    entries: IntoIter<Box<dyn Entry>>,
    empty: Vec<ParamId>,
}

impl ModuleMapper for Deliver {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.dims() != placeholder::<D>() || D == 0 || self.empty.contains(&param.id) {
            return param;
        }
        let entry = self.entries.next().expect("a step for each placeholder");
        let theta = entry.finish().downcast::<Tensor<D>>();
        let theta = *theta.expect("steps in the order of the visit");
        let id = param.id;
        param.map(|placeholder| like(placeholder, theta, id))
    }
}

/// A value with the place on the tape that Burn's optimizer gave the placeholder.
fn like<const D: usize>(placeholder: Tensor<D>, value: Tensor<D>, id: ParamId) -> Tensor<D> {
    let mut value = Tensor::from_inner(value);
    if let Some(strategy) = placeholder.gradient_checkpointing_strategy() {
        value = value.with_gradient_checkpointing_strategy(strategy);
    }
    if placeholder.is_require_grad() {
        value = value.require_grad();
    }
    match placeholder.is_distributed() {
        true => value.set_distributed(id),
        false => value,
    }
}
