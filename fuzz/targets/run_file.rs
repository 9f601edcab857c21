//! The content of files of runs, behind a right checksum: a run that goes on, or an error.
#![no_main]
#![recursion_limit = "256"]

use burn::module::{Module, Param};
use burn::optim::AdamConfig;
use burn::tensor::{Device, Tensor};
use libfuzzer_sys::fuzz_target;
use thalweg_mutate::sealed_run;
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Progress, Signal, Trainer, on_epoch_end};

#[derive(Module, Debug)]
struct Line {
    weight: Param<Tensor<1>>,
}

fuzz_target!(|content: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.state");
    std::fs::write(&path, sealed_run(1, content)).expect("a file");
    let device = Device::default();
    let line = Line {
        weight: Param::from_data([0.5], &device.clone().autodiff()),
    };
    let data = Data::train(|_| vec![Tensor::<1>::from_data([1.0, 2.0], &device)]);
    let adam = SingleGradient::new(AdamConfig::new().init());
    let _ = Trainer::new(1000, 0.1).resume(&path).fit(
        line,
        adam,
        &data,
        |line: &Line, x: Tensor<1>, _| (x * line.weight.val() - 1.0).square().mean(),
        &mut on_epoch_end(|_: &Progress, _: &Line| Signal::interrupt()),
    );
    // The graph of a run that ends before its backward pass is freed by the next one.
    let one = Tensor::<1>::ones([1], &device.autodiff()).require_grad();
    drop(one.sum().backward());
});
