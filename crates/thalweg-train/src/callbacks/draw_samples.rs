use std::fmt;
use std::path::{Path, PathBuf};

use burn::module::Module;

use crate::{Callback, Progress, Signal, TrainError};
use thalweg_file::write_with;
use thalweg_optim::BoxError;

type Draw<'a, M> = Box<dyn FnMut(&M, f64, &Path) -> Result<(), BoxError> + 'a>;

/// Draws samples at the end of each epoch, one picture for each temperature.
///
/// The closure gets the model in validation mode, a temperature and the path of a PNG that it
/// writes; the picture appears whole as `epoch_N_tT.png` in the folder, epochs counted from 1, and is
/// noted as `samples/tT` for callbacks that show it, such as [`TensorBoard`](crate::TensorBoard). A
/// closure that begins with the same seed each time shows the same points of latent space getting
/// better. An error ends the run as [`TrainError::Picture`].
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{Callback, DrawSamples, Trainer};
///
/// # fn save_grid(_: &Mean, _: f64, path: &std::path::Path) -> std::io::Result<()> { std::fs::write(path, "") }
/// # let folder = std::env::temp_dir().join(format!("thalweg-draw-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let draw = DrawSamples::new(&folder, |model: &Mean, temperature, path| {
///     save_grid(model, temperature, path)
/// });
/// let mut draw = draw.temperatures([1.0, 0.8]).every(10);
/// Trainer::new(20, 0.5).fit(model, sgd, &data, loss, &mut draw).finish()?;
/// assert_eq!(std::fs::read_dir(&folder)?.count(), 4); // of two epochs
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DrawSamples<'a, M> {
    folder: PathBuf,
    temperatures: Vec<f64>,
    draw: Draw<'a, M>,
}

impl<'a, M: Module> DrawSamples<'a, M> {
    /// Pictures into a folder, at temperature 1.
    pub fn new<F, E>(folder: impl Into<PathBuf>, mut draw: F) -> Self
    where
        F: FnMut(&M, f64, &Path) -> Result<(), E> + 'a,
        E: Into<BoxError>,
    {
        Self {
            folder: folder.into(),
            temperatures: vec![1.0],
            draw: Box::new(move |model, temperature, path| {
                draw(model, temperature, path).map_err(Into::into)
            }),
        }
    }

    /// A picture for each of these temperatures.
    pub fn temperatures(mut self, temperatures: impl IntoIterator<Item = f64>) -> Self {
        self.temperatures = temperatures.into_iter().collect();
        self
    }
}

impl<M: Module> Callback<M> for DrawSamples<'_, M> {
    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        let model = model.valid();
        let mut signal = Signal::CONTINUE;
        for temperature in &self.temperatures {
            let name = format!("epoch_{}_t{temperature}.png", progress.epoch + 1);
            let path = self.folder.join(name);
            let drawn = write_with(&path, |path| (self.draw)(&model, *temperature, path));
            signal = signal.and(match drawn {
                Ok(()) => Signal::picture(format!("samples/t{temperature}"), path),
                Err(source) => Signal::fail(TrainError::Picture { path, source }),
            });
        }
        signal
    }
}

impl<M> fmt::Debug for DrawSamples<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrawSamples")
            .field("folder", &self.folder)
            .field("temperatures", &self.temperatures)
            .finish_non_exhaustive()
    }
}
