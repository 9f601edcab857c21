//! Convolutions.

use burn::tensor::{Tensor, s};
use thalweg_kernels::{Activate, Activation, Conv, Places, convolutions, of_tensors, view};

use crate::support::{Draw, agree, device, flat};

fn layers(draw: &mut Draw, channels: &[usize], kernels: &[usize]) -> Vec<Conv> {
    let pairs = channels.windows(2).zip(kernels);
    pairs
        .map(|(pair, &k)| {
            let scale = 1.0 / ((pair[0] * k * k) as f64).sqrt();
            Conv {
                weight: draw.leaf([pair[1], pair[0], k, k]) * scale,
                bias: (pair[1] != 7).then(|| draw.leaf([pair[1]])),
            }
        })
        .collect()
}

/// Copies of few inputs and sums of few outputs, images in one piece and in several, one pixel and
/// fewer pixels than the kernel's.
#[test]
fn they_are_those_of_tensors() {
    for ([batch, height, width], channels, kernels) in [
        ([2, 6, 4], &[3, 8, 8, 4][..], &[3, 1, 3][..]),
        ([9, 16, 16], &[2, 6, 5, 4], &[3, 1, 3]),
        ([40, 8, 8], &[4, 9, 2], &[3, 3]),
        ([3, 1, 1], &[2, 7, 2], &[3, 3]),
        ([2, 1, 3], &[5, 2], &[5]),
        ([2, 7, 2], &[2, 5, 1], &[7, 5]),
        ([1, 20, 20], &[6, 30, 12], &[3, 3]),
        ([5, 4, 4], &[7, 7], &[1]),
        // Fewer multiplications: whole vectors of tiles and parts of one, a last piece of one image, more
        // inputs than are transformed at a time, two such layers.
        ([3, 16, 16], &[2, 20, 9], &[1, 3]),
        ([33, 4, 4], &[3, 70, 12], &[3, 3]),
        ([11, 6, 10], &[4, 18, 8], &[3, 3]),
        ([9, 8, 8], &[20, 17, 8], &[3, 3]),
        ([4, 2, 64], &[19, 8], &[3]),
        ([130, 2, 2], &[16, 9], &[3]),
        ([9, 8, 8], &[8, 16], &[3]),
        // Between many channels: whole pieces, and a last one of few pixels.
        ([9, 8, 8], &[3, 260, 256, 8], &[3, 1, 3]),
        ([33, 4, 4], &[16, 256, 258], &[3, 1]),
    ] {
        for activate in [
            Activate::Between(Activation::Relu),
            Activate::Before(Activation::Tanh),
            Activate::Before(Activation::LeakyRelu),
            Activate::Between(Activation::Silu),
            Activate::Before(Activation::Silu),
        ] {
            let run = |draw: &mut Draw, f: fn(_, _, _) -> Tensor<4>| {
                let x = draw.leaf([batch, channels[0], height, width]);
                let layers = layers(draw, channels, kernels);
                vec![flat(f(x, layers, activate))]
            };
            agree(
                &format!("{batch} of {height} × {width}, {channels:?}, {kernels:?}, {activate:?}"),
                |draw| run(draw, convolutions),
                |draw| run(draw, of_tensors::convolutions),
            );
        }
    }
}

/// Channels that are read where they lie, of images in one piece and in several.
#[test]
fn parts_of_the_channels_are_images_too() {
    for (batch, first, count) in [(2, 1, 3), (20, 0, 2), (20, 3, 1)] {
        let places = Places {
            first,
            step: 1,
            count,
        };
        for activate in [
            Activate::Between(Activation::Relu),
            Activate::Before(Activation::Tanh),
        ] {
            let run =
                |draw: &mut Draw, view: fn(_, _) -> Tensor<4>, f: fn(_, _, _) -> Tensor<4>| {
                    let x = draw.leaf([batch, 4, 8, 8]);
                    let layers = layers(draw, &[count, 5, 2], &[3, 3]);
                    vec![flat(f(view(x, places), layers, activate))]
                };
            agree(
                &format!("{places:?} of {batch}, {activate:?}"),
                |draw| run(draw, view, convolutions),
                |draw| run(draw, of_tensors::gather, of_tensors::convolutions),
            );
        }
    }
}

/// What an image is beside changes nothing, also where neighbours are read together with it.
#[test]
fn nan_stays_in_its_image() {
    let device = device();
    for (size, channels, kernels) in [
        (8, &[3, 16, 8][..], &[3, 3][..]),
        (5, &[3, 16, 2], &[3, 3]),
        (8, &[3, 256, 256, 8], &[3, 1, 3]),
    ] {
        let pairs = channels.windows(2).zip(kernels);
        let layers: Vec<_> = pairs
            .map(|(pair, &k)| Conv {
                weight: Tensor::ones([pair[1], pair[0], k, k], &device),
                bias: None,
            })
            .collect();
        let images = Tensor::<4>::ones([9, channels[0], size, size], &device);
        let spoilt = images.clone().slice_fill(s![3..5, .., .., ..], f32::NAN);
        let between = Activate::Between(Activation::Relu);
        let of = |x| convolutions(x, layers.clone(), between).into_data();
        let (y, wanted) = (of(spoilt), of(images));
        let each = channels.last().expect("layers") * size * size;
        let numbers = y.iter::<f32>().zip(wanted.iter::<f32>());
        for (index, (found, wanted)) in numbers.enumerate() {
            match (3..5).contains(&(index / each)) {
                true => assert!(found.is_nan(), "{index}"),
                false => assert_eq!(found, wanted, "{index}"),
            }
        }
    }
}

/// Images that are no leaf.
#[test]
fn constants_are_images_too() {
    let run = |draw: &mut Draw, f: fn(_, _, _) -> Tensor<4>| {
        let x = draw.constant([3, 2, 5, 5]);
        let layers = layers(draw, &[2, 4, 2], &[3, 3]);
        vec![flat(f(x, layers, Activate::Between(Activation::Relu)))]
    };
    agree(
        "constants",
        |draw| run(draw, convolutions),
        |draw| run(draw, of_tensors::convolutions),
    );
}
