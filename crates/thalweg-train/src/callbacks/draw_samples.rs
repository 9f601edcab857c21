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
/// # use std::path::Path;
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Flow { x: Param<Tensor<1>> }
/// # fn save_grid(_: &Flow, _: f64, _: &Path) -> std::io::Result<()> { Ok(()) }
/// use thalweg_train::{Callback, DrawSamples};
///
/// let draw = DrawSamples::new("out", |flow: &Flow, temperature, path| {
///     save_grid(flow, temperature, path)
/// });
/// let callback = draw.temperatures([1.0, 0.8]).every(10);
/// # let _ = callback;
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
