//! Callbacks with a memory go on where they were, to the bit.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::common::{Interrupt, Line, squared_error};
use burn::optim::AdamConfig;
use burn::tensor::{Device, Tensor, TensorData};
use thalweg_data::Batches;
use thalweg_optim::SingleGradient;
use thalweg_train::{
    BestMetric, Callback, Data, Ema, GradientNorms, Hyper, Outcome, Progress, Signal, Trained,
    Trainer,
};

const EPOCHS: usize = 4;

/// What a run that was or was not interrupted is compared by.
#[derive(Debug, PartialEq)]
struct Result {
    weights: [f32; 2],
    average: [f32; 2],
    best: (usize, f64),
    accuracy: Option<f64>,
    metrics: Vec<(usize, Vec<(String, u64)>)>,
    /// Of the batches in the order in which they came.
    sizes: Vec<usize>,
}

/// Moves a number by hand, as a user's callback would.
struct Double(Hyper);

impl<M> Callback<M> for Double {
    fn on_batch_end(&mut self, _: &Progress, _: &M) -> Signal {
        self.0.set(self.0.get() * 1.1);
        Signal::CONTINUE
    }
}

/// One part of the run, all parts made anew.
fn part(
    folder: &Path,
    steps: usize,
    sizes: &Arc<Mutex<Vec<usize>>>,
) -> (Trained<Line>, Ema, Option<f64>) {
    let numbers = |from: f32| {
        let numbers = (0..23).map(|row| (from + row as f32 * 0.7).sin()).collect();
        Tensor::<1>::from_data(TensorData::new(numbers, [23]), &Device::default())
    };
    // 23 rows: 6, 4, 3 and 3 batches, each epoch with a short one.
    let batches = Batches::new((numbers(0.0), numbers(1.0)), 4, 5);
    let batches = batches.growing([(1, 6), (2, 9)]);
    let penalty = Hyper::new("penalty", 0.01);
    let mut ema = Ema::new(0.9);
    let norms = GradientNorms::new().by_layer().every_steps(2);
    let mut metric = BestMetric::lowest("weight", |line: &Line| line.values()[0]);
    let seen = Arc::clone(sizes);
    let trained = Trainer::new(EPOCHS, 0.05)
        .resume(folder.join("run.state"))
        .fit(
            Line::zero(),
            norms.of(SingleGradient::new(AdamConfig::new().init())),
            &Data::train(|epoch| batches.epoch(epoch)),
            |line: &Line, batch: (Tensor<1>, Tensor<1>), seed| {
                seen.lock().expect("no test panics").push(batch.0.dims()[0]);
                let size = line.weight.val().square().mul_scalar(penalty.get());
                squared_error(line, batch, seed) + size
            },
            &mut (
                Double(penalty.clone()),
                penalty.clone(),
                &mut ema,
                norms.clone(),
                &mut metric,
                Interrupt(steps),
            ),
        );
    (trained, ema, metric.best())
}

fn run(steps: usize) -> Result {
    let folder = tempfile::tempdir().expect("a folder");
    let sizes = Arc::default();
    for _ in 0..=16 {
        let (trained, ema, accuracy) = part(folder.path(), steps, &sizes);
        match trained.outcome {
            Outcome::Interrupted => continue,
            Outcome::Finished => {}
            other => panic!("{other}"),
        }
        let average = ema.average(&trained.model).expect("steps were made");
        let best = trained.best.expect("epochs have ended");
        let epochs = trained.history.epochs().iter();
        let metrics = epochs.map(|epoch| {
            let bits = |(name, value): (&String, &f64)| (name.clone(), value.to_bits());
            (epoch.step, epoch.metrics.iter().map(bits).collect())
        });
        let sizes = sizes.lock().expect("no test panics").clone();
        return Result {
            weights: trained.model.values(),
            average: average.values(),
            best: (best.epoch, best.loss),
            accuracy,
            metrics: metrics.collect(),
            sizes,
        };
    }
    panic!("the run does not end");
}

#[test]
fn a_run_in_parts_has_the_averages_numbers_and_batches_of_the_whole() {
    let whole = run(usize::MAX);
    assert_eq!(
        whole.sizes,
        [4, 4, 4, 4, 4, 3, 6, 6, 6, 5, 9, 9, 5, 9, 9, 5]
    );
    assert_ne!(whole.average, whole.weights);
    assert_eq!(whole.metrics.len(), EPOCHS);
    for steps in [1, 2, 3, 5, 6, 7] {
        assert_eq!(run(steps), whole, "{steps}");
    }
}
