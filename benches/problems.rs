//! Problems for the comparison of optimizers: an ill-conditioned logistic regression, an MLP and a NICE on the
//! digits, each with full batches and with small ones.

use std::error::Error;

use thalweg::burn;
use thalweg::burn::module::Param;
use thalweg::burn::tensor::{Int, activation};
use thalweg::data::{RowSplit, Rows, digits};
use thalweg::flow::Mlp;
use thalweg::prelude::*;

/// The loss of a model on the batch of a step.
pub type BatchLoss<M> = Box<dyn Fn(&M, usize) -> Tensor<1>>;

/// A model to train: the loss of each batch by its number, and the loss of all data.
#[expect(missing_debug_implementations, reason = "holds closures")]
pub struct Problem<M> {
    /// The title, without the target.
    pub name: &'static str,
    /// The untrained model.
    pub start: M,
    /// The loss of a batch.
    pub batch_loss: BatchLoss<M>,
    /// The loss of all data.
    pub full_loss: Box<dyn Fn(&M) -> f64>,
    /// The loss to reach.
    pub target: f64,
    /// The largest number of gradients.
    pub budget: usize,
    /// Steps between two evaluations of the full loss.
    pub look_every: usize,
}

/// Weights of a linear model.
#[derive(Module, Debug)]
pub struct Linear {
    w: Param<Tensor<2>>,
}

/// Logistic regression on 400 rows of 20 features with deviations from 0.1 to 10: a condition number of
/// about 10⁴.
pub fn logistic(device: &Device, batch: Option<usize>) -> Problem<Linear> {
    let mut noise = Noise::seeded(0);
    let (rows, features) = (400, 20);
    let plain: Tensor<2> = noise.normal([rows, features], device, DType::F32);
    let scales: Vec<f32> = (0..features)
        .map(|i| 10f32.powf(-1.0 + 2.0 * i as f32 / 19.0))
        .collect();
    let scales = Tensor::<1>::from_floats(scales.as_slice(), device).unsqueeze::<2>();
    let truth: Tensor<2> = noise.normal([features, 1], device, DType::F32);
    let score = plain.clone().matmul(truth) + noise.normal([rows, 1], device, DType::F32);
    let labels = score.greater_elem(0.0).float();
    let x = plain * scales;
    let loss = move |model: &Linear, x: Tensor<2>, y: Tensor<2>| {
        let score = x.matmul(model.w.val());
        // ln(1 + eˢ) − y s, and a small multiple of ‖w‖² so that a minimum exists.
        let fit = activation::softplus(score.clone(), 1.0) - y * score;
        fit.mean() + model.w.val().square().sum() * 1e-4
    };
    let full = {
        let (x, y) = (x.clone(), labels.clone());
        move |m: &Linear| loss(m, x.clone(), y.clone())
    };
    let full_value = {
        let full = full.clone();
        move |m: &Linear| full(&m.valid()).into_scalar::<f64>()
    };
    let w = Param::from_tensor(Tensor::zeros([features, 1], &device.clone().autodiff()));
    Problem {
        name: if batch.is_some() {
            "Logistic regression, batches of 50,"
        } else {
            "Logistic regression, full batch,"
        },
        start: Linear { w },
        batch_loss: match batch {
            None => Box::new(move |m, _| full(m)),
            Some(size) => {
                let batches = Batches::new((x, labels), size, 0);
                Box::new(move |m, step| {
                    let (x, y) = nth(&batches, step);
                    loss(m, x, y)
                })
            }
        },
        full_loss: Box::new(full_value),
        target: if batch.is_some() { 0.21 } else { 0.205 },
        budget: 5_000,
        look_every: if batch.is_some() { 4 } else { 1 },
    }
}

/// The batch of a step, over epochs without end.
fn nth<R: Rows>(batches: &Batches<R>, step: usize) -> R {
    let (epoch, index) = (step / batches.len(), step % batches.len());
    batches.epoch(epoch).nth(index).expect("a batch")
}

/// A network 64-64-10 on the embedded digits, by cross-entropy.
pub fn mlp_on_digits(device: &Device, batch: Option<usize>) -> Problem<Mlp> {
    let images = digits().select(&RowSplit::modulo(digits().count()).train);
    let x = images.to_tensor(device) / 16.0;
    let labels = images.label_tensor(device).expect("labels");
    let loss = |model: &Mlp, x: Tensor<2>, y: Tensor<1, Int>| {
        let n = x.dims()[0];
        let log = activation::log_softmax(model.forward(x), 1);
        log.gather(1, y.reshape([n, 1])).mean().neg()
    };
    let full_value = {
        let (x, y) = (x.clone(), labels.clone());
        move |m: &Mlp| loss(&m.valid(), x.clone(), y.clone()).into_scalar::<f64>()
    };
    let net =
        MlpConfig::new(64, vec![64], 10).init(&mut Noise::seeded(0), &device.clone().autodiff());
    Problem {
        name: if batch.is_some() {
            "MLP on the digits, batches of 64,"
        } else {
            "MLP on the digits, full batch,"
        },
        start: net,
        batch_loss: match batch {
            None => Box::new(move |m, _| loss(m, x.clone(), labels.clone())),
            Some(size) => {
                let batches = Batches::new((x, labels), size, 0);
                Box::new(move |m, step| {
                    let (x, y) = nth(&batches, step);
                    loss(m, x, y)
                })
            }
        },
        full_loss: Box::new(full_value),
        target: 0.1,
        budget: 1_500,
        look_every: if batch.is_some() { 10 } else { 2 },
    }
}

/// A NICE with two layers of 128 a coupling on the embedded digits.
///
/// # Errors
///
/// As [`Nice::initialize`].
pub fn nice_on_digits(
    device: &Device,
    batch: Option<usize>,
) -> Result<Problem<Nice>, Box<dyn Error>> {
    let images = digits().select(&RowSplit::modulo(digits().count()).train);
    let x = images.to_tensor(device);
    let nice = NiceConfig::paper(64, 17)
        .with_hidden(128)
        .with_depth(2)
        .init(&device.clone().autodiff());
    let nice = nice.initialize(x.clone(), &mut Noise::seeded(0))?;
    let full_value = {
        let x = x.clone();
        move |m: &Nice| {
            m.valid()
                .loss(x.clone(), &mut Noise::seeded(1))
                .expect("the digits are levels")
                .into_scalar::<f64>()
        }
    };
    Ok(Problem {
        name: if batch.is_some() {
            "NICE on the digits, batches of 64,"
        } else {
            "NICE on the digits, full batch,"
        },
        start: nice,
        batch_loss: match batch {
            // The same noise at each step makes the full batch one function.
            None => Box::new(move |m, _| {
                let loss = m.loss(x.clone(), &mut Noise::seeded(0));
                loss.expect("the digits are levels")
            }),
            Some(size) => {
                let batches = Batches::new(x, size, 0);
                Box::new(move |m, step| {
                    let loss = m.loss(nth(&batches, step), &mut Noise::seeded(step as u64));
                    loss.expect("the digits are levels")
                })
            }
        },
        full_loss: Box::new(full_value),
        target: -57.0,
        budget: if batch.is_some() { 600 } else { 200 },
        look_every: if batch.is_some() { 10 } else { 2 },
    })
}
