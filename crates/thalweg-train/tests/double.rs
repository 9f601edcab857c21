//! Burn's optimizers in 64 bits, on a device whose default that is. A process of its own: the default
//! of a device is set once.

mod common;

use burn::module::{Module, Param};
use burn::optim::AdamConfig;
use burn::tensor::{Device, FloatDType, IntDType, Tensor};
use common::Interrupt;
use tempfile::TempDir;
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Outcome, Trained, Trainer};

#[derive(Module, Debug)]
struct Point {
    x: Param<Tensor<1>>,
}

#[test]
fn adam_in_64_bits_goes_on_to_the_bit() {
    let mut device = Device::default();
    let types = (FloatDType::F64, IntDType::I64);
    device.configure(types).expect("the first to ask");
    let folder = TempDir::new().expect("a folder");
    let fit = |file: &str, steps: usize| -> Trained<Point> {
        let x = Tensor::from_data([0.3_f64, -1.7], &device.clone().autodiff());
        let point = Point {
            x: Param::from_tensor(x),
        };
        let data = Data::train(|epoch| vec![vec![epoch as f64], vec![0.1], vec![0.7]]);
        let loss =
            |point: &Point, by: Vec<f64>, _| (point.x.val() - by[0]).square().square().mean();
        let adam = SingleGradient::new(AdamConfig::new().init());
        let trainer = Trainer::new(3, 0.01).resume(folder.path().join(file));
        trainer.fit(point, adam, &data, loss, &mut Interrupt(steps))
    };
    let numbers = |trained: &Trained<Point>| -> Vec<f64> {
        trained.model.x.val().into_data().iter::<f64>().collect()
    };
    let whole = fit("whole", usize::MAX);
    for _ in 0..2 {
        assert!(matches!(fit("parts", 2).outcome, Outcome::Interrupted));
    }
    let last = fit("parts", usize::MAX);
    assert!(
        matches!(last.outcome, Outcome::Finished),
        "{}",
        last.outcome
    );
    assert_eq!(numbers(&last), numbers(&whole));
}
