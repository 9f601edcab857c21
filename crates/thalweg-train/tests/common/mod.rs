#![allow(dead_code)] // each test file uses its part

use burn::module::{Module, Param};
use burn::optim::SgdConfig;
use burn::tensor::{Device, Tensor};
use thalweg_optim::SingleGradient;
use thalweg_train::{Callback, Data, NoValidation, Progress, Signal};

/// y = weight · x + bias.
#[derive(Module, Debug)]
pub(crate) struct Line {
    pub(crate) weight: Param<Tensor<1>>,
    pub(crate) bias: Param<Tensor<1>>,
}

impl Line {
    pub(crate) fn new(weight: f32, bias: f32, device: &Device) -> Self {
        Self {
            weight: Param::from_data([weight], device),
            bias: Param::from_data([bias], device),
        }
    }

    /// At the origin, on the default training device.
    pub(crate) fn zero() -> Self {
        Self::new(0.0, 0.0, &Device::default().autodiff())
    }

    pub(crate) fn values(&self) -> [f32; 2] {
        [&self.weight, &self.bias].map(|param| param.val().into_scalar())
    }
}

/// Inputs and targets.
pub(crate) type Points = (Tensor<1>, Tensor<1>);

pub(crate) fn points<const N: usize>(x: [f32; N], y: [f32; N]) -> Points {
    points_on(x, y, &Device::default())
}

pub(crate) fn points_on<const N: usize>(x: [f32; N], y: [f32; N], device: &Device) -> Points {
    (Tensor::from_data(x, device), Tensor::from_data(y, device))
}

/// Mean squared error.
pub(crate) fn squared_error(line: &Line, (x, y): Points, _seed: u64) -> Tensor<1> {
    (x * line.weight.val() + line.bias.val() - y)
        .square()
        .mean()
}

pub(crate) fn sgd() -> SingleGradient {
    SingleGradient::new(SgdConfig::new().init())
}

/// The same batches in each epoch.
pub(crate) fn repeat<B: Clone>(batches: Vec<B>) -> Data<impl Fn(usize) -> Vec<B>, NoValidation<B>> {
    Data::train(move |_epoch| batches.clone())
}

/// Three batches of points on y = 2x + 1.
pub(crate) fn exact() -> Vec<Points> {
    vec![
        points([0.0, 1.0], [1.0, 3.0]),
        points([-1.0, 0.5], [-1.0, 2.0]),
        points([0.25], [1.5]),
    ]
}

/// Writes down each call.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) calls: Vec<String>,
}

impl<M> Callback<M> for Recorder {
    fn on_train_begin(&mut self, _: &Progress, _: &M) -> Signal {
        self.calls.push("train begin".into());
        Signal::CONTINUE
    }
    fn on_train_end(&mut self, at: &Progress, _: &M) -> Signal {
        self.calls.push(format!("train end {}", at.step));
        Signal::CONTINUE
    }
    fn on_epoch_begin(&mut self, at: &Progress, _: &M) -> Signal {
        self.calls.push(format!("epoch begin {}", at.epoch));
        Signal::CONTINUE
    }
    fn on_epoch_end(&mut self, at: &Progress, _: &M) -> Signal {
        self.calls.push(format!("epoch end {}", at.epoch));
        Signal::CONTINUE
    }
    fn on_batch_begin(&mut self, at: &Progress, _: &M) -> Signal {
        self.calls.push(format!("batch begin {}", at.batch));
        Signal::CONTINUE
    }
    fn on_batch_end(&mut self, at: &Progress, _: &M) -> Signal {
        self.calls.push(format!("batch end {}", at.batch));
        Signal::CONTINUE
    }
}

/// Interrupts after so many steps of this process.
pub(crate) struct Interrupt(pub(crate) usize);

impl<M> Callback<M> for Interrupt {
    fn on_batch_end(&mut self, _: &Progress, _: &M) -> Signal {
        self.0 -= 1;
        match self.0 {
            0 => Signal::interrupt(),
            _ => Signal::CONTINUE,
        }
    }
}
