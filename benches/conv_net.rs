//! The network of Glow, forward and backward: with Burn's `conv2d`, and with the im2col products of `ConvNet`.

use thalweg::burn;
use thalweg::burn::module::{Module, Param};
use thalweg::burn::nn::PaddingConfig2d;
use thalweg::burn::nn::conv::{Conv2d, Conv2dConfig};
use thalweg::burn::tensor::activation::relu;
use thalweg::device::from_env;
use thalweg::flow::{ConvNetConfig, WeightInit};
use thalweg::prelude::{DType, Device, Noise, Tensor};
use thalweg_benches::{Stopwatch, print};

const WARM_UP: usize = 3;
const ROUNDS: usize = 12;

/// Images, side, channels in, hidden and out, and names.
type Case = ([usize; 5], [&'static str; 4]);

const CASES: [Case; 5] = [
    (
        [128, 14, 2, 128, 4],
        [
            "a conv2d forward",
            "a conv2d backward",
            "a columns forward",
            "a columns backward",
        ],
    ),
    (
        [64, 7, 4, 128, 8],
        [
            "b conv2d forward",
            "b conv2d backward",
            "b columns forward",
            "b columns backward",
        ],
    ),
    (
        [16, 16, 6, 128, 12],
        [
            "c conv2d forward",
            "c conv2d backward",
            "c columns forward",
            "c columns backward",
        ],
    ),
    (
        [16, 16, 6, 512, 12],
        [
            "d conv2d forward",
            "d conv2d backward",
            "d columns forward",
            "d columns backward",
        ],
    ),
    (
        [16, 8, 12, 128, 24],
        [
            "e conv2d forward",
            "e conv2d backward",
            "e columns forward",
            "e columns backward",
        ],
    ),
];

/// Burn's layers.
#[derive(Module, Debug)]
struct Plain {
    layers: Vec<Conv2d>,
}

impl Plain {
    fn new([inputs, hidden, outputs]: [usize; 3], device: &Device) -> Self {
        let layer = |channels, kernel| {
            Conv2dConfig::new(channels, [kernel; 2])
                .with_padding(PaddingConfig2d::Same)
                .init(device)
        };
        let layers = vec![
            layer([inputs, hidden], 3),
            layer([hidden; 2], 1),
            layer([hidden, outputs], 3),
        ];
        Self { layers }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let h = relu(self.layers[0].forward(x));
        self.layers[2].forward(relu(self.layers[1].forward(h)))
    }
}

fn time(
    watch: &mut Stopwatch,
    names: [&'static str; 2],
    x: &Tensor<4>,
    net: impl Fn(Tensor<4>) -> Tensor<4>,
) {
    let x = Param::from_tensor(x.clone().autodiff()).val();
    let loss = watch.time(names[0], || net(x).square().sum());
    watch.time(names[1], || drop(loss.backward()));
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(0);
    let mut medians = vec![];
    for ([images, side, inputs, hidden, outputs], names) in CASES {
        let [plain_forward, plain_backward, forward, backward] = names;
        let x: Tensor<4> = noise.normal([images, inputs, side, side], device, DType::F32);
        let training = device.clone().autodiff();
        let plain = Plain::new([inputs, hidden, outputs], &training);
        let columns = ConvNetConfig::new(inputs, hidden, outputs)
            .with_output_init(WeightInit::FanIn)
            .init(&mut noise, &training);
        let mut watch = Stopwatch::default();
        for _ in 0..WARM_UP + ROUNDS {
            time(&mut watch, [plain_forward, plain_backward], &x, |x| {
                plain.forward(x)
            });
            time(&mut watch, [forward, backward], &x, |x| columns.forward(x));
        }
        medians.extend(watch.medians(WARM_UP));
    }
    print(medians);
    Ok(())
}
