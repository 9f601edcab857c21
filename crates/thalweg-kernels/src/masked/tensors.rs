//! Autoregressive transforms of tensors in the host's memory.

use std::any::type_name;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::{DType, Tensor, TensorData};

use super::evaluate::SIDE_BY_SIDE;
use super::{Contexts, MaskedMemory, PackedAutoregressive, Rows};
use crate::Direction;
use crate::chain::chain;
use crate::host::filled::filled;
use crate::host::{HostOp, Input, Pass, run as run_on_host};

thread_local! {
    /// Memory of a thread that takes part in a batch.
    static MEMORY: RefCell<MaskedMemory> = RefCell::default();
}

/// Multiplications from which another thread helps.
const ENOUGH: usize = 1 << 18;

pub(super) fn run(
    layer: PackedAutoregressive,
    direction: Direction,
    x: &Tensor<2>,
    context: Option<&Tensor<2>>,
) -> Option<(Tensor<2>, Tensor<1>)> {
    let is_tracked = |tensor: &Tensor<2>| tensor.is_autodiff() && tensor.is_tracked();
    if std::iter::once(x).chain(context).any(is_tracked) {
        return chain("the samples are on a tape");
    }
    let op = Arc::new(AutoregressiveOp {
        layer,
        direction,
        shape: x.dims(),
        context: context.map_or([0, 0], Tensor::dims),
        log_dets: Mutex::default(),
    });
    let inputs = std::iter::once(x).chain(context).map(Input::from).collect();
    let y = run_on_host(inputs, || op.clone())?;
    let log_dets = std::mem::take(&mut *op.log_dets.lock().unwrap_or_else(PoisonError::into_inner));
    let log_dets = TensorData::new(log_dets, [x.dims()[0]]);
    Some((y, Tensor::from_data(log_dets, (&x.device(), DType::F32))))
}

/// Inputs: `x`, and the context, if the network takes one: a row for each sample, or one for all. Nothing is on a
/// tape.
#[derive(Debug)]
struct AutoregressiveOp {
    layer: PackedAutoregressive,
    direction: Direction,
    shape: [usize; 2],
    context: [usize; 2],
    /// Beside the output.
    log_dets: Mutex<Vec<f32>>,
}

impl HostOp for AutoregressiveOp {
    fn name(&self) -> &'static str {
        type_name::<PackedAutoregressive>()
    }

    fn shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward(&self, inputs: &[&[f32]], _: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let ([_, features], [rows, width]) = (self.shape, self.context);
        let stride = if rows == 1 { 0 } else { width };
        let contexts = inputs.get(1).copied().unwrap_or_default();
        let multiplications = self.layer.network().multiplications().max(1);
        let samples = ENOUGH
            .div_ceil(multiplications)
            .next_multiple_of(SIDE_BY_SIDE);
        let piece = samples * features;
        let pieces = inputs[0].chunks(piece).enumerate();
        let (y, log_dets) = filled(inputs[0].len(), piece, pieces, |(piece, x), out| {
            let numbers = out.write_copy_of_slice(x);
            let mut log_dets = vec![0.0; x.len() / features];
            let rows = Rows {
                numbers: &mut *numbers,
                stride: features,
                log_dets: Some(&mut log_dets),
            };
            let numbers_of_contexts = &contexts[piece * samples * stride..];
            let contexts = Contexts {
                numbers: numbers_of_contexts,
                stride,
            };
            MEMORY.with_borrow_mut(|memory| {
                self.layer.apply(self.direction, rows, contexts, memory);
            });
            (numbers, log_dets)
        });
        let log_dets = log_dets.into_iter().flatten().map(|sum| sum as f32);
        *self.log_dets.lock().unwrap_or_else(PoisonError::into_inner) = log_dets.collect();
        y
    }

    fn backward(&self, _: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        unreachable!("nothing is on a tape")
    }
}
