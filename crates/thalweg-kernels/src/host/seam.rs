//! Host operations as operations of Burn: one kind of step of its tape for all of them.
//!
//! Burn's macro for custom operations has one argument a tensor. A network has as many tensors as its
//! layers have parameters, so they are unwrapped by hand.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{
    Autodiff, BackendTensor, DispatchAutodiffContext, DispatchTensor, DispatchTensorKind, Flex,
    TensorMetadata,
};
use burn::tensor::{DType, Shape, Tensor, TensorData};

use super::{HostOp, Pass};
use crate::chain::chain;
use crate::counts::count_fused;

/// A tensor of any rank.
pub(crate) struct Input(DispatchTensor);

impl<const D: usize> From<&Tensor<D>> for Input {
    fn from(tensor: &Tensor<D>) -> Self {
        Self(tensor.clone().into_dispatch())
    }
}

/// A tensor in the host's memory.
enum Host {
    Plain(FlexTensor),
    Tracked(Tracked),
}

/// A tensor on the tape.
type Tracked = FloatTensor<Autodiff<Flex>>;

impl Input {
    /// `None` unless the numbers lie in the host's memory.
    fn into_any(self) -> Option<Host> {
        Some(match self.0.kind {
            DispatchTensorKind::Flex(BackendTensor::Float(tensor)) => Host::Plain(tensor),
            DispatchTensorKind::Autodiff(inner) => match *inner {
                DispatchTensorKind::Flex(BackendTensor::Autodiff(tensor)) => Host::Tracked(tensor),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The tensor without its tape, whatever its type, if it lies in the host's memory.
    pub(crate) fn into_flex(self) -> Option<FlexTensor> {
        self.into_any().map(Host::into_plain)
    }

    /// `None` unless the numbers are f32 in the host's memory.
    fn into_host(self) -> Option<Host> {
        let Some(host) = self.into_any() else {
            return chain("the tensors are not on the backend `flex`");
        };
        let dtype = match &host {
            Host::Plain(tensor) => tensor.dtype(),
            Host::Tracked(tensor) => tensor.dtype(),
        };
        match dtype {
            DType::F32 => Some(host),
            _ => chain("the tensors are not f32"),
        }
    }
}

pub(super) fn run<const D: usize>(
    inputs: Vec<Input>,
    op: impl FnOnce() -> Arc<dyn HostOp>,
) -> Option<Tensor<D>> {
    if inputs.len() > MOST_INPUTS {
        return chain("a network has more than 256 weights and biases");
    }
    let context = inputs
        .iter()
        .fold(DispatchAutodiffContext::Disabled, |context, input| {
            context.merge(input.0.autodiff)
        });
    let inputs: Option<Vec<Host>> = inputs.into_iter().map(Input::into_host).collect();
    let (inputs, op) = (inputs?, op());
    count_fused(op.name());
    let kind = match context {
        DispatchAutodiffContext::Disabled => {
            let plain = inputs.into_iter().map(Host::into_plain).collect();
            let output = forward(&Arrays::new(plain, &*op), &*op, None);
            DispatchTensorKind::Flex(BackendTensor::Float(output))
        }
        DispatchAutodiffContext::Enabled(_) => {
            let tracked = inputs.into_iter().map(Host::into_tracked).collect();
            let output = BackendTensor::Autodiff(by_count(tracked, op));
            DispatchTensorKind::Autodiff(Box::new(DispatchTensorKind::Flex(output)))
        }
    };
    Some(Tensor::from_dispatch(DispatchTensor {
        kind,
        autodiff: context,
    }))
}

impl Host {
    fn into_plain(self) -> FlexTensor {
        match self {
            Self::Plain(tensor) => tensor,
            Self::Tracked(tensor) => tensor.into_primitive(),
        }
    }

    /// A plain tensor beside tracked ones is a constant.
    fn into_tracked(self) -> Tracked {
        match self {
            Self::Plain(tensor) => Tracked::new(tensor),
            Self::Tracked(tensor) => tensor,
        }
    }
}

/// Tensors whose numbers are contiguous; those of the first input may be so for each sample only.
#[derive(Debug, Clone)]
struct Arrays(Vec<FlexTensor>);

impl Arrays {
    fn new(tensors: Vec<FlexTensor>, op: &dyn HostOp) -> Self {
        let may_have_stride = |index| index == 0 && (op.takes_stride() || op.part().is_some());
        let tensors = tensors.into_iter().enumerate();
        let tensors = tensors.map(|(index, tensor)| match tensor.as_slice::<f32>() {
            Some(_) => tensor,
            None if may_have_stride(index) && samples(&tensor).is_some() => tensor,
            None => tensor.to_contiguous(),
        });
        Self(tensors.collect())
    }

    fn slices(&self) -> Vec<&[f32]> {
        let slice = |tensor| FlexTensor::as_slice(tensor).or_else(|| samples(tensor));
        let slices = self.0.iter().map(slice);
        slices.map(|slice| slice.expect("contiguous f32")).collect()
    }
}

/// The numbers from the first of the first sample to the last of the last, where each sample is
/// contiguous and samples do not overlap.
fn samples(tensor: &FlexTensor) -> Option<&[f32]> {
    let layout = tensor.layout();
    let mut sizes = layout.shape().iter().zip(layout.strides());
    let (batch, stride) = sizes.next()?;
    let mut each = 1;
    for (size, step) in sizes.rev() {
        if *size != 1 && *step != each as isize {
            return None;
        }
        each *= size;
    }
    let stride = usize::try_from(*stride)
        .ok()
        .filter(|stride| *stride >= each);
    let (between, start) = (batch.checked_sub(1)?, layout.start_offset());
    Some(&tensor.storage::<f32>()[start..start + between * stride? + each])
}

fn forward(inputs: &Arrays, op: &dyn HostOp, kept: Option<&mut Vec<Vec<f32>>>) -> FlexTensor {
    if let Some(part) = op.part() {
        return inputs.0[0].narrow(1, part.start, part.len());
    }
    FlexTensor::from_data(TensorData::new(
        op.forward(&inputs.slices(), kept),
        op.shape(),
    ))
}

/// Inputs of the largest step: rows and 128 layers with biases.
const MOST_INPUTS: usize = 257;

/// Burn's steps have a constant number of parents. The sizes are those of networks of 1, 2, 3, 4, 6, 8,
/// 16, .. layers with biases; in between, constants are added.
fn by_count(inputs: Vec<Tracked>, op: Arc<dyn HostOp>) -> Tracked {
    macro_rules! tracked {
        ($($count:literal)+) => {
            match inputs.len() {
                $(..=$count => tracked::<$count>(inputs, op),)+
                count => unreachable!("a step has up to {MOST_INPUTS} inputs, not {count}"),
            }
        };
    }
    tracked!(1 2 3 5 7 9 13 17 33 65 129 257)
}

/// The operation as a step of the tape. It is never run twice to save memory, so the strategy of
/// checkpoints makes no difference to it.
fn tracked<const N: usize>(inputs: Vec<Tracked>, op: Arc<dyn HostOp>) -> Tracked {
    let parts = inputs.into_iter().map(Tracked::into_parts);
    let (tensors, mut nodes): (Vec<_>, Vec<_>) = parts.unzip();
    nodes.resize_with(N, || Tracked::new(tensors[0].clone()).node());
    let (inputs, step) = (Arrays::new(tensors, &*op), StepBack {});
    let nodes: [_; N] = nodes.try_into().expect("at most `N` inputs");
    match step
        .prepare::<NoCheckpointing>(nodes)
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
struct StepBack {}

#[derive(Debug, Clone)]
struct State {
    inputs: Arrays,
    kept: Arc<Vec<Vec<f32>>>,
    op: Arc<dyn HostOp>,
}

impl<const N: usize> Backward<Flex, N> for StepBack {
    type State = State;

    fn backward(self, step: Ops<State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let State { inputs, kept, op } = step.state;
        let gradient = gradients.consume::<Flex>(&step.node);
        let gradient = match gradient.as_slice::<f32>() {
            Some(_) => gradient,
            None => gradient.to_contiguous(),
        };
        let found = op.backward(Pass {
            inputs: &inputs.slices(),
            // Nobody else holds them unless the step was cloned.
            kept: Arc::try_unwrap(kept).unwrap_or_else(|kept| (*kept).clone()),
            gradient: gradient.as_slice().expect("contiguous f32"),
            wanted: &step.parents.each_ref().map(Option::is_some)[..inputs.0.len()],
        });
        let parents = step.parents.into_iter().zip(found).zip(inputs.0);
        for ((parent, found), input) in parents {
            if let (Some(parent), Some(found)) = (parent, found) {
                // One number stands for the same one everywhere.
                let shape = match found.len() {
                    1 => Shape::from(vec![1; input.shape().num_dims()]),
                    _ => input.shape(),
                };
                let found = FlexTensor::from_data(TensorData::new(found, shape));
                gradients.register::<Flex>(parent.id, found);
            }
        }
    }
}
