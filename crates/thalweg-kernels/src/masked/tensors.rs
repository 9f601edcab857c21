//! Autoregressive transforms of tensors in the host's memory.

use std::cell::RefCell;

use burn::tensor::{DType, Tensor, TensorData};

use super::{Contexts, MaskedMemory, PackedAutoregressive, Rows};
use crate::Direction;
use crate::chain::chain;
use crate::counts::count_fused;
use crate::host::is_on_host;
use crate::share::share;

/// Whether the numbers of a tensor are f32 in the host's memory, without a tape.
fn is_plain(tensor: &Tensor<2>) -> bool {
    let tracked = tensor.is_autodiff() && tensor.is_tracked();
    !tracked && tensor.dtype() == DType::F32 && is_on_host(tensor)
}

thread_local! {
    /// Memory of a thread that takes part in a batch.
    static MEMORY: RefCell<MaskedMemory> = RefCell::default();
}

/// Multiplications from which another thread helps.
const ENOUGH: usize = 1 << 18;

pub(super) fn run(
    layer: &PackedAutoregressive,
    direction: Direction,
    x: &Tensor<2>,
    context: Option<&Tensor<2>>,
) -> Option<(Tensor<2>, Tensor<1>)> {
    if !std::iter::once(x).chain(context).all(is_plain) {
        return chain(
            "the samples are on a tape, not f32, or on a backend without fused operations",
        );
    }
    count_fused(std::any::type_name::<PackedAutoregressive>());
    let [samples, features] = x.dims();
    let mut numbers = host(x);
    let contexts = context.map(host);
    let [rows, width] = context.map_or([0, 0], Tensor::dims);
    let stride = if rows == 1 { 0 } else { width };
    let of = |sample: usize| {
        let numbers = contexts.as_deref().unwrap_or_default();
        let numbers = &numbers[sample * stride..];
        Contexts { numbers, stride }
    };
    let mut log_dets = vec![0.0; samples];
    let each = ENOUGH.div_ceil(layer.network().multiplications().max(1));
    let each = each.next_multiple_of(super::evaluate::SIDE_BY_SIDE);
    let pieces = numbers.chunks_mut(each * features);
    let pieces = pieces.zip(log_dets.chunks_mut(each)).enumerate();
    share(pieces, |(piece, (numbers, log_dets))| {
        let rows = Rows {
            numbers,
            stride: features,
            log_dets: Some(log_dets),
        };
        let contexts = of(piece * each);
        MEMORY.with_borrow_mut(|memory| layer.apply(direction, rows, contexts, memory));
    });
    let log_dets: Vec<f32> = log_dets.into_iter().map(|sum| sum as f32).collect();
    let (numbers, log_dets) = (
        TensorData::new(numbers, [samples, features]),
        TensorData::new(log_dets, [samples]),
    );
    let place = (&x.device(), DType::F32);
    Some((
        Tensor::from_data(numbers, place),
        Tensor::from_data(log_dets, place),
    ))
}

fn host(tensor: &Tensor<2>) -> Vec<f32> {
    tensor.to_data().iter::<f32>().collect()
}
