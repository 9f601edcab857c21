//! What `scramble` moves, and what it leaves alone.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_laws::scramble;

#[derive(Module, Debug)]
struct Two {
    trained: Param<Tensor<1>>,
    fixed: Param<Tensor<1>>,
}

impl Two {
    fn new(device: &Device) -> Self {
        let zeros = || Param::from_tensor(Tensor::zeros([3], device));
        Self {
            trained: zeros(),
            fixed: zeros().set_require_grad(false),
        }
    }
}

fn largest(param: &Param<Tensor<1>>) -> f32 {
    param.val().abs().max().into_scalar()
}

#[test]
fn what_does_not_train_stays_as_it_is() {
    for device in cpu_devices() {
        for device in [device.clone(), device.autodiff()] {
            let two = scramble(Two::new(&device), 0.3);
            assert!(largest(&two.trained) > 0.1);
            assert_eq!(largest(&two.fixed), 0.0);
        }
    }
}

#[test]
fn what_trains_still_does() {
    for device in cpu_devices() {
        let on_plain_device = scramble(Two::new(&device), 0.3).train();
        let on_autodiff_device = scramble(Two::new(&device.autodiff()), 0.3);
        for two in [on_plain_device, on_autodiff_device] {
            assert!(two.trained.val().is_require_grad());
            assert!(!two.fixed.val().is_require_grad());
        }
    }
}
