//! Latents of several scales and their density.

use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::{MultiScaleNormal, StandardNormal};
use thalweg_flow::{
    ActNorm, Affine, Base, Bijection, Checkerboard, ConvNetConfig, Embedding, Exp, Identity,
    LabelEmbedding, Latents, Level, MultiScale, Noise, Placement, Split,
};
use thalweg_laws::scramble;

use crate::host::{assert_near, deviation, host, tensor};

fn placement(device: &Device) -> Placement {
    Placement {
        device: device.clone(),
        dtype: DType::F64,
    }
}

const SHAPES: [[usize; 3]; 2] = [[2, 3, 2], [4, 1, 1]];

#[test]
fn latents_restore_what_they_flatten() {
    for device in cpu_devices() {
        let rows = Noise::seeded(0).normal([3, 16], &device, DType::F64);
        let z = Latents::restore(rows.clone(), &SHAPES);
        assert_eq!((z.shapes(), z.batch_size()), (SHAPES.to_vec(), 3));
        assert_eq!(host(z.clone().flatten()), host(rows));
        let halves = z.map(|scale, z| z * (scale as f64));
        assert!(host(halves.scales()[0].clone()).iter().all(|z| *z == 0.0));
    }
}

#[test]
#[should_panic(expected = "rows of 15 numbers are no latents of 16")]
fn rows_of_another_length() {
    Latents::restore(Tensor::zeros([1, 15], &Device::default()), &SHAPES);
}

#[test]
fn the_base_is_standard_normal_over_all_scales() {
    for device in cpu_devices() {
        let base = MultiScaleNormal::new(SHAPES.to_vec());
        let z = base.sample_scales(500, &[1.0, 0.5], &mut Noise::seeded(0), &placement(&device));
        assert!((deviation(&host(z.scales()[0].clone())) - 1.0).abs() < 0.05);
        assert!((deviation(&host(z.scales()[1].clone())) - 0.5).abs() < 0.05);
        let found = base.log_prob(z.clone(), &());
        let expected = StandardNormal::new(16).log_prob(z.flatten(), &());
        assert_near(&host(found), &host(expected), 1e-12);
    }
}

#[test]
fn the_part_that_the_split_transforms_leaves() {
    for device in cpu_devices() {
        let identity = || Identity::<4> {};
        let build = |split| {
            let level = Level::new(identity(), identity(), split);
            MultiScale::new(vec![level], identity())
        };
        let x = tensor(
            (0..6).map(f64::from).collect::<Vec<_>>(),
            [1, 3, 1, 2],
            &device,
            DType::F64,
        );
        let parts = |split| {
            let (z, _) = build(split).forward(x.clone(), &());
            z.into_scales().into_iter().map(host).collect::<Vec<_>>()
        };
        let half = [vec![2.0, 3.0, 4.0, 5.0], vec![0.0, 1.0]];
        assert_eq!(parts(Split::half()), half);
        assert_eq!(
            parts(Split::half().swapped()),
            [half[1].clone(), half[0].clone()]
        );
    }
}

#[test]
#[should_panic(expected = "a flow of 2 scales got latents of 1")]
fn a_scale_is_missing() {
    let device = Device::default();
    let level = Level::new(
        ActNorm::<4>::new(2, &device),
        Identity::<4> {},
        Split::half(),
    );
    let flow = MultiScale::new(vec![level], Identity::<4> {});
    flow.inverse(
        Latents::new(vec![Tensor::zeros([1, 1, 1, 1], &device)]),
        &(),
    );
}

/// What is kept is untouched, and what is transformed depends on its neighbours alone.
#[test]
fn a_checkerboard_keeps_one_colour() {
    for device in cpu_devices() {
        let net = ConvNetConfig::new(1, 4, 2).init(&mut Noise::seeded(0), &device);
        let coupling = Checkerboard::new(Affine::with_scale_map(Exp {}), net);
        for (coupling, kept) in [(coupling.clone(), 0), (coupling.swapped(), 1)] {
            let coupling = scramble(coupling, 0.5);
            let x = Noise::seeded(1).normal([1, 1, 4, 5], &device, DType::F32);
            let (z, _) = coupling.forward(x.clone(), &());
            let (x, z) = (host(x), host(z));
            for position in 0..20 {
                let colour = (position / 5 + position % 5) % 2;
                assert_eq!(
                    x[position] == z[position],
                    colour == kept,
                    "position {position}"
                );
            }
        }
    }
}

#[test]
fn labels_outside_the_classes_are_named() {
    for device in cpu_devices() {
        let embedding = LabelEmbedding::new(3, 2, &mut Noise::seeded(0), &device);
        let labels = |values: [i64; 3]| Tensor::<1, Int>::from_data(values, &device);
        assert_eq!(embedding.check(&labels([0, 2, 1])), Ok(()));
        for (values, expected) in [
            (
                [0, 3, 1],
                "row 1 has label 3; labels are 0..3, one for each of 3 classes",
            ),
            (
                [0, 0, -1],
                "row 2 has label -1; labels are 0..3, one for each of 3 classes",
            ),
        ] {
            let error = embedding.check(&labels(values)).expect_err("no class");
            assert_eq!(error.to_string(), expected);
        }
        let rows = embedding.embed(&labels([1, 1, 2]));
        let rows: Vec<Vec<f64>> = host(rows).chunks(2).map(<[f64]>::to_vec).collect();
        assert!(rows[0] == rows[1] && rows[1] != rows[2]);
    }
}
