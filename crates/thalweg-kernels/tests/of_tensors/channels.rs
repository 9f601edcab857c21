//! Scales, shifts and matrices over the channels.

use burn::tensor::Tensor;
use thalweg_kernels::{Order, channel_mix, channel_scale, of_tensors};

use crate::support::{Draw, agree, flat};

fn scale<const D: usize>(shape: [usize; D]) {
    type Scale<const D: usize> = fn(Tensor<D>, Tensor<1>, Tensor<1>, Order) -> Tensor<D>;
    for order in [Order::CentreFirst, Order::ScaleFirst] {
        let run = |draw: &mut Draw, f: Scale<D>| {
            let x = draw.leaf(shape);
            let (shift, log_scale) = (draw.leaf([shape[1]]), draw.leaf([shape[1]]));
            vec![flat(f(x, shift, log_scale, order))]
        };
        agree(
            &format!("{shape:?}, {order:?}"),
            |draw| run(draw, channel_scale),
            |draw| run(draw, of_tensors::channel_scale),
        );
    }
}

#[test]
fn scales_are_those_of_tensors() {
    scale([1, 1]);
    scale([6, 5]);
    scale([1500, 43]);
    scale([3, 4, 5, 7]);
    scale([20, 6, 30, 20]);
}

fn mix<const D: usize>(shape: [usize; D], outputs: usize) {
    let run = |draw: &mut Draw, f: fn(Tensor<2>, Tensor<D>) -> Tensor<D>| {
        let weight = draw.leaf([outputs, shape[1]]) * 0.3;
        vec![flat(f(weight, draw.leaf(shape)))]
    };
    agree(
        &format!("{shape:?} to {outputs}"),
        |draw| run(draw, channel_mix),
        |draw| run(draw, of_tensors::channel_mix),
    );
}

#[test]
fn mixtures_are_those_of_tensors() {
    mix([5, 4], 4);
    mix([3, 6, 4, 5], 6);
    mix([2, 3, 1, 1], 5);
    mix([16, 12, 16, 16], 12);
    mix([2, 70, 3], 70);
}
