//! One kind of step of Burn's tape for all host operations.
//!
//! Burn's macro for custom operations has one argument a tensor. A network has as many tensors as its
//! layers have parameters, so they are unwrapped by hand.

use std::marker::PhantomData;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind};

use super::tensor::{HostTensor, Tracked, plain};
use crate::Numbers;
use crate::host::{HostOp, Pass};

/// The output for tensors of f32 of one backend, all of them.
pub(super) fn run<T: HostTensor>(
    inputs: Vec<DispatchTensor>,
    op: Arc<dyn HostOp>,
) -> Option<DispatchTensor> {
    let disabled = DispatchAutodiffContext::Disabled;
    let contexts = inputs.iter().map(|input| input.autodiff);
    let context = contexts.fold(disabled, DispatchAutodiffContext::merge);
    let inputs = inputs.into_iter().map(|input| input.kind);
    let kind = match context {
        DispatchAutodiffContext::Disabled => {
            let inputs: Option<Vec<T>> = inputs.map(plain).collect();
            let output = forward(&Arrays::new(inputs?, &*op), &*op, None);
            T::into_kind(BackendTensor::Float(output))
        }
        DispatchAutodiffContext::Enabled(_) => {
            let inputs: Option<Vec<Tracked<T>>> = inputs.map(on_tape::<T>).collect();
            let output = BackendTensor::Autodiff(by_count::<T>(inputs?, op));
            DispatchTensorKind::Autodiff(Box::new(T::into_kind(output)))
        }
    };
    Some(DispatchTensor {
        kind,
        autodiff: context,
    })
}

/// A plain tensor beside tracked ones is a constant.
fn on_tape<T: HostTensor>(kind: DispatchTensorKind) -> Option<Tracked<T>> {
    let kind = match kind {
        DispatchTensorKind::Autodiff(inner) => *inner,
        kind => kind,
    };
    match T::of(kind)? {
        BackendTensor::Float(tensor) => Some(Tracked::<T>::new(tensor)),
        BackendTensor::Autodiff(tensor) => Some(tensor),
        _ => None,
    }
}

/// Tensors whose numbers are contiguous; those of the first input may be so for each sample only.
#[derive(Debug, Clone)]
struct Arrays<T>(Vec<T>);

impl<T: HostTensor> Arrays<T> {
    fn new(tensors: Vec<T>, op: &dyn HostOp) -> Self {
        let may_have_stride = |index| index == 0 && (op.takes_stride() || op.part().is_some());
        let tensors = tensors.into_iter().enumerate();
        let tensors = tensors.map(|(index, tensor)| {
            match may_have_stride(index) && tensor.samples().is_some() {
                true => tensor,
                false => tensor.contiguous(),
            }
        });
        Self(tensors.collect())
    }

    fn slices(&self) -> Vec<&[f32]> {
        self.0.iter().map(slice).collect()
    }
}

fn slice<T: HostTensor>(tensor: &T) -> &[f32] {
    let contiguous = tensor.numbers().and_then(Numbers::single);
    let numbers = contiguous.or_else(|| tensor.samples());
    numbers.expect("contiguous f32")
}

fn forward<T: HostTensor>(
    inputs: &Arrays<T>,
    op: &dyn HostOp,
    kept: Option<&mut Vec<Vec<f32>>>,
) -> T {
    let view = op.part().and_then(|part| inputs.0[0].part(part));
    view.unwrap_or_else(|| T::from_numbers(op.forward(&inputs.slices(), kept), op.shape()))
}

/// Inputs of the largest step: rows and 128 layers with biases.
pub(super) const MOST_INPUTS: usize = 257;

/// Burn's steps have a constant number of parents. The sizes are those of networks of 1, 2, 3, 4, 6, 8,
/// 16, .. layers with biases; in between, constants are added.
fn by_count<T: HostTensor>(inputs: Vec<Tracked<T>>, op: Arc<dyn HostOp>) -> Tracked<T> {
    macro_rules! tracked {
        ($($count:literal)+) => {
            match inputs.len() {
                $(..=$count => tracked::<T, $count>(inputs, op),)+
                count => unreachable!("a step has up to {MOST_INPUTS} inputs, not {count}"),
            }
        };
    }
    tracked!(1 2 3 5 7 9 13 17 33 65 129 257)
}

/// The operation as a step of the tape. It is never run twice to save memory, so the strategy of
/// checkpoints makes no difference to it.
fn tracked<T: HostTensor, const N: usize>(
    inputs: Vec<Tracked<T>>,
    op: Arc<dyn HostOp>,
) -> Tracked<T> {
    let parts = inputs.into_iter().map(Tracked::<T>::into_parts);
    let (tensors, mut nodes): (Vec<T>, Vec<_>) = parts.unzip();
    nodes.resize_with(N, || Tracked::<T>::new(tensors[0].clone()).node());
    let (inputs, step) = (Arrays::new(tensors, &*op), StepBack::<T>(PhantomData));
    let nodes: [_; N] = nodes.try_into().expect("at most `N` inputs");
    match Backward::<T::Backend, N>::prepare::<NoCheckpointing>(step, nodes)
        .compute_bound()
        .stateful()
    {
        OpsKind::Tracked(step) => {
            let mut kept = vec![];
            let output = forward(&inputs, &*op, Some(&mut kept));
            let kept = Arc::new(kept);
            step.finish(State { inputs, kept, op }, output)
        }
        OpsKind::UnTracked(step) => step.finish(forward(&inputs, &*op, None)),
    }
}

#[derive(Debug)]
struct StepBack<T>(PhantomData<fn() -> T>);

#[derive(Debug, Clone)]
struct State<T> {
    inputs: Arrays<T>,
    kept: Arc<Vec<Vec<f32>>>,
    op: Arc<dyn HostOp>,
}

impl<T: HostTensor, const N: usize> Backward<T::Backend, N> for StepBack<T> {
    type State = State<T>;

    fn backward(self, step: Ops<State<T>, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let State { inputs, kept, op } = step.state;
        let gradient = gradients.consume::<T::Backend>(&step.node).contiguous();
        let found = op.backward(Pass {
            inputs: &inputs.slices(),
            // Nobody else holds them unless the step was cloned.
            kept: Arc::try_unwrap(kept).unwrap_or_else(|kept| (*kept).clone()),
            gradient: slice(&gradient),
            wanted: &step.parents.each_ref().map(Option::is_some)[..inputs.0.len()],
        });
        let parents = step.parents.into_iter().zip(found).zip(inputs.0);
        for ((parent, found), input) in parents {
            if let (Some(parent), Some(found)) = (parent, found) {
                // One number stands for the same one everywhere.
                let shape = match found.len() {
                    1 => vec![1; input.rank()],
                    _ => input.shape().to_vec(),
                };
                gradients.register::<T::Backend>(parent.id, T::from_numbers(found, shape));
            }
        }
    }
}
