//! Sets of images to learn, and a training run on them.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use thalweg::burn::tensor::{Device, Int, Tensor};
use thalweg::data::{Batches, Images, Resize, RowSplit, Rows, digits, fashion_mnist, noto_people};
use thalweg::flow::BitsPerDim;
use thalweg::models::{ImageSize, ModelFileError};
use thalweg::optim::{Euler, field::Adam};
use thalweg::plot::PlotError;
use thalweg::prelude::{Callback, Module, ProgressBar, SingleGradient, Trainer};
use thalweg::train::schedule::{constant, cosine, cosine_by_time, warm_up};
use thalweg::train::{
    BestCheckpoint, CsvLog, CtrlC, Data, Divide, DrawSamples, History, IntoLoss, Trained, Workers,
};

use crate::{Common, Report, loss_curve};

/// Images to train on, to pick the weights by, and to test with, and how to go about it.
#[derive(Debug)]
pub struct ImageSet {
    /// Training, validation, test.
    pub parts: [Images; 3],
    /// How often a model halves them.
    pub scales: usize,
    /// Images a step.
    pub batch_size: usize,
    /// Passes over the training images.
    pub epochs: usize,
}

impl ImageSet {
    /// The official MNIST files in a folder: 59,000, 1,000 and 10,000 digits.
    pub fn mnist(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let (train, test) = Images::mnist(folder)?;
        let rows: Vec<usize> = (0..train.count()).collect();
        let (first, last) = rows.split_at(rows.len() * 59 / 60);
        Ok(Self {
            parts: [train.select(first), train.select(last), test],
            scales: 2,
            batch_size: 64,
            epochs: 14,
        })
    }

    /// The embedded digits of 8 × 8 pixels.
    pub fn digits() -> Self {
        let all = digits();
        let split = RowSplit::modulo(all.count());
        Self::of(&all, &split, [2, 64, 60])
    }

    /// The embedded part of Fashion-MNIST: 1,800, 200 and 400 images.
    pub fn fashion() -> Self {
        let (train, test) = fashion_mnist();
        let rows: Vec<usize> = (0..train.count()).collect();
        let (first, last) = rows.split_at(rows.len() * 9 / 10);
        Self {
            parts: [train.select(first), train.select(last), test],
            scales: 2,
            batch_size: 32,
            epochs: 20,
        }
    }

    /// The embedded faces of 16 × 16 pixels; the skin tones of one design are near copies, so all
    /// of them go to one part.
    pub fn faces() -> Result<Self, Box<dyn Error>> {
        let all = noto_people();
        let split = RowSplit::by_group(all.groups().unwrap_or_default(), [0.8, 0.1, 0.1], 0)?;
        Ok(Self::of(&all, &split, [3, 32, 16]))
    }

    /// The pictures of a folder, scaled to `side`.
    pub fn folder(folder: &Path, side: u32, seed: u64) -> Result<Self, Box<dyn Error>> {
        let all = Images::from_folder(folder, Resize { side })?;
        let split = RowSplit::random(all.count(), [0.8, 0.1, 0.1], seed)?;
        Ok(Self::of(&all, &split, [3, 32, 16]))
    }

    fn of(all: &Images, split: &RowSplit, [scales, batch_size, epochs]: [usize; 3]) -> Self {
        Self {
            parts: [&split.train, &split.validation, &split.test].map(|rows| all.select(rows)),
            scales,
            batch_size,
            epochs,
        }
    }

    /// Whether a folder holds the official MNIST files.
    pub fn is_mnist(folder: &Path) -> bool {
        let name = "train-images-idx3-ubyte";
        folder.join(name).exists() || folder.join(format!("{name}.gz")).exists()
    }

    /// What the images are like.
    pub fn size(&self) -> ImageSize {
        let images = &self.parts[0];
        ImageSize::new([images.channels(), images.height(), images.width()])
            .with_levels(images.levels())
    }

    /// Each part as levels, `[count, numbers]`, channel by channel.
    pub fn rows(&self, device: &Device) -> [Tensor<2>; 3] {
        self.planes(device).map(|part| part.flatten(1, 3))
    }

    /// Each part as levels, `[count, channels, height, width]`.
    pub fn planes(&self, device: &Device) -> [Tensor<4>; 3] {
        self.parts.each_ref().map(|part| part.to_planes(device))
    }

    /// Images and what a mirror makes of them: of faces, which are few and where left and right mean
    /// nothing. Grey ones stay as they are: a digit has no mirror image, and there are enough of them.
    pub fn with_mirrored(&self, images: Tensor<4>) -> Tensor<4> {
        match self.size().channels {
            1 => images,
            _ => Tensor::cat(vec![images.clone(), images.flip([3])], 0),
        }
    }

    /// Each part as levels, with its labels.
    pub fn labelled(&self, device: &Device) -> Result<[Labelled; 3], Box<dyn Error>> {
        let pair = |part: &Images| Some((part.to_planes(device), part.label_tensor(device)?));
        let [a, b, c] = self.parts.each_ref().map(pair);
        let missing = "these images have no labels";
        Ok([a.ok_or(missing)?, b.ok_or(missing)?, c.ok_or(missing)?])
    }
}

/// Images as levels, and their labels.
pub type Labelled = (Tensor<4>, Tensor<1, Int>);

/// A training run on images: Adam at 10⁻³ after a warm-up, falling by a cosine, the weights of the
/// best validation kept.
#[derive(Debug)]
pub struct ImageRun<'a> {
    /// The command line.
    pub common: &'a Common,
    /// The example's name.
    pub name: &'a str,
    /// The images.
    pub set: &'a ImageSet,
    /// Passes over them, if not what the set says.
    pub epochs: Option<usize>,
    /// Of the losses shown.
    pub units: BitsPerDim,
    /// Of the samples drawn.
    pub temperature: f64,
}

impl<'a> ImageRun<'a> {
    /// As many passes as the set says, samples at temperature 1.
    pub fn new(common: &'a Common, name: &'a str, set: &'a ImageSet, units: BitsPerDim) -> Self {
        Self {
            common,
            name,
            set,
            epochs: None,
            units,
            temperature: 1.0,
        }
    }

    /// Steps of the whole run.
    pub fn steps(&self) -> usize {
        let each = self.set.parts[0].count() / self.set.batch_size;
        self.common.steps(self.epochs() * each)
    }

    fn epochs(&self) -> usize {
        self.epochs.unwrap_or(self.set.epochs)
    }

    /// Trains on the first rows and picks the weights by the second. `sketch` draws samples at a
    /// temperature, every tenth epoch. Ctrl-C ends the training, and the rest is done all the same.
    pub fn fit<M: Module + 'static, R: Rows + Divide + Send + 'static, L: IntoLoss>(
        &self,
        model: M,
        parts: [R; 2],
        loss: impl Fn(&M, R, u64) -> L + Sync,
        save: impl FnMut(&M, &Path) -> Result<(), Box<dyn Error + Send + Sync>> + Send + 'static,
        sketch: impl Fn(&M, f64, &Path) -> Result<(), PlotError>,
    ) -> Trained<M> {
        let samples = DrawSamples::new(self.common.out.join(self.name), sketch);
        let trainer = Trainer::new(self.epochs(), 1e-3)
            .schedule(warm_up(200, cosine(self.steps(), 0.01)))
            .max_steps(self.steps());
        let samples = samples.temperatures([self.temperature]).every(10);
        self.train(trainer, model, parts, loss, save, (samples, CtrlC::new()))
    }

    /// Trains for a number of minutes, or the steps of the command line if they end first, so that
    /// models with steps of different cost are trained equally long. Returns the model with the best
    /// validation loss and the history.
    pub fn fit_for<M: Module + 'static, R: Rows + Divide + Send + 'static, L: IntoLoss>(
        &self,
        minutes: f64,
        model: M,
        parts: [R; 2],
        loss: impl Fn(&M, R, u64) -> L + Sync,
        save: impl Fn(&M, &Path) -> Result<(), ModelFileError> + Send + 'static,
    ) -> Result<(M, History), Box<dyn Error>> {
        let trainer = Trainer::for_time(Duration::try_from_secs_f64(60.0 * minutes)?, 1e-3)
            .schedule(warm_up(200, constant()))
            .schedule_by_time(cosine_by_time(0.01))
            .max_steps(self.common.steps(usize::MAX));
        let save = move |model: &M, path: &Path| save(model, path).map_err(Into::into);
        let trained = self.train(trainer, model, parts, loss, save, CtrlC::new());
        let history = trained.history.clone();
        Ok((trained.finish()?, history))
    }

    /// What all runs on images share: Adam, the losses as bits/dim on the terminal and in a file,
    /// the best weights in another.
    pub(crate) fn train<M: Module + 'static, R: Rows + Divide + Send + 'static, L: IntoLoss>(
        &self,
        trainer: Trainer,
        model: M,
        [train, validation]: [R; 2],
        loss: impl Fn(&M, R, u64) -> L + Sync,
        save: impl FnMut(&M, &Path) -> Result<(), Box<dyn Error + Send + Sync>> + Send + 'static,
        callbacks: impl Callback<M>,
    ) -> Trained<M> {
        let (common, units) = (self.common, self.units);
        let batches = Batches::new(train, self.set.batch_size, common.seed).drop_last(true);
        let held_out = Batches::new(validation, 250, 0);
        let file = |name: &str| common.file(self.name, name);
        trainer.seed(common.seed).fit_with(
            model,
            SingleGradient::new(Euler::new(Adam::default()).init()).clip_norm(500.0),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            Workers::new(common.workers, loss),
            &mut (
                ProgressBar::new()
                    .loss_format(move |loss| format!("{:.3} bits/dim", units.from_nats(-loss))),
                CsvLog::new(file("log.csv")),
                BestCheckpoint::with(file("model.safetensors"), save),
                callbacks,
            ),
        )
    }

    /// Draws the losses and reports steps and held-out nats, which it returns as bits/dim.
    pub fn report(
        &self,
        history: &History,
        nats: f64,
        report: &mut Report,
    ) -> Result<f64, Box<dyn Error>> {
        let bits = self.units.from_nats(nats);
        loss_curve(history, "bits/dim", |loss| self.units.from_nats(-loss))
            .save(self.common.file(self.name, "loss.png"))?;
        report.set("steps", self.steps());
        report.set("nats", nats);
        report.set("bits_per_dim", bits);
        Ok(bits)
    }

    /// Some of the training images, which a model's actnorms are fitted to.
    pub fn first(train: &Tensor<4>) -> Tensor<4> {
        train.clone().narrow(0, 0, train.dims()[0].min(256))
    }
}
