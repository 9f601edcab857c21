//! What a coupling does with its parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Additive, Affine, Bijection, Coupling, Exp, MlpConfig, Network, Noise, Split};

use crate::host::{assert_near, host, tensor};

/// Always the same parameters; counts how often it is asked.
#[derive(Module, Debug)]
struct Counting {
    #[module(skip)]
    parameters: Vec<f64>,
    #[module(skip)]
    calls: Arc<AtomicUsize>,
}

impl Counting {
    fn new(parameters: &[f64]) -> Self {
        Self {
            parameters: parameters.into(),
            calls: Arc::default(),
        }
    }
}

impl<C> Network<C> for Counting {
    fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let count = self.parameters.len();
        let row = tensor(
            self.parameters.clone(),
            [1, count],
            &kept.device(),
            kept.dtype(),
        );
        row.repeat_dim(0, kept.dims()[0])
    }
}

#[test]
fn the_kept_part_is_untouched_in_both_directions() {
    for device in cpu_devices() {
        for split in [Split::half(), Split::even_odd(), Split::at(1)] {
            for split in [split, split.swapped()] {
                let (kept, transformed) = split.sizes(5);
                let network = MlpConfig::new(kept, vec![4], 2 * transformed)
                    .init(&mut Noise::seeded(1), &device);
                let coupling: Coupling<Affine, _> = Coupling::new(split, Affine::new(), network);
                let x = Noise::seeded(2).normal([3, 5], &device, DType::F32);
                let (z, _) = coupling.forward(x.clone(), &());
                let (y, _) = coupling.inverse(x.clone(), &());
                let (kept, transformed) = split.split(x);
                for image in [z, y] {
                    let (kept_there, transformed_there) = split.split(image);
                    assert_eq!(host(kept_there), host(kept.clone()), "{split:?}");
                    assert_ne!(
                        host(transformed_there),
                        host(transformed.clone()),
                        "{split:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_conditioner_runs_once_a_call() {
    let conditioner = Counting::new(&[0.1, 0.2, 0.3, 0.4]);
    let calls = Arc::clone(&conditioner.calls);
    let coupling: Coupling<Affine, _> = Coupling::new(Split::half(), Affine::new(), conditioner);
    let x = Tensor::<2>::ones([3, 4], &Device::default());
    let (z, _) = coupling.forward(x, &());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    coupling.inverse(z, &());
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

/// The shifts of all features come first, then the log-scales of all.
#[test]
fn parameters_come_in_blocks() {
    for device in cpu_devices() {
        let conditioner = Counting::new(&[10.0, 20.0, 2f64.ln(), 3f64.ln()]);
        let transformer = Affine::with_scale_map(Exp {});
        let coupling: Coupling<_, _> = Coupling::new(Split::half(), transformer, conditioner);
        let x = tensor([1.0, 2.0, 5.0, 7.0], [1, 4], &device, DType::F64);
        let (z, log_det) = coupling.forward(x, &());
        assert_near(&host(z), &[1.0, 2.0, 20.0, 41.0], 1e-14);
        assert_near(&host(log_det), &[6f64.ln()], 1e-14);
    }
}

#[test]
fn subtracting_is_adding_the_other_way_round() {
    let device = Device::default();
    let coupling = |transformer| -> Coupling<Additive, Counting> {
        Coupling::new(Split::half(), transformer, Counting::new(&[0.5]))
    };
    let x = || tensor([1.0, 2.0], [1, 2], &device, DType::F64);
    let (added, _) = coupling(Additive::new()).forward(x(), &());
    let (subtracted, _) = coupling(Additive::subtracting()).forward(x(), &());
    let (generated, _) = coupling(Additive::subtracting()).inverse(x(), &());
    assert_eq!(host(added), [1.0, 2.5]);
    assert_eq!(host(subtracted), [1.0, 1.5]);
    assert_eq!(host(generated), [1.0, 2.5]);
}

#[test]
#[should_panic(
    expected = "the conditioner returned 3 parameters, the transformer takes 2 for each of 2"
)]
fn a_wrong_number_of_parameters_panics() {
    let conditioner = Counting::new(&[0.0; 3]);
    let coupling: Coupling<Affine, _> = Coupling::new(Split::half(), Affine::new(), conditioner);
    coupling.forward(Tensor::<2>::ones([1, 4], &Device::default()), &());
}

#[test]
#[should_panic(expected = "use 2 features or more")]
fn one_feature_panics() {
    let coupling: Coupling<Additive, _> =
        Coupling::new(Split::half(), Additive::new(), Counting::new(&[0.0]));
    coupling.forward(Tensor::<2>::ones([1, 1], &Device::default()), &());
}
