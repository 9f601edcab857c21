use std::fmt;

/// The batches of a run: a function of the epoch for training, and an optional one for validation.
///
/// The epoch counts from 0. A function that derives its shuffle from the epoch (and not from a
/// generator it keeps) makes a run repeatable.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{Data, NoValidation, Trainer};
///
/// let batch = |numbers: [f32; 2]| Tensor::<1>::from_data(numbers, &device);
/// let (batches, held_out) = (vec![batch([1.0, 3.0]), batch([2.0, 2.0])], vec![batch([0.0, 4.0])]);
/// let data: Data<_, NoValidation<_>> = Data::train(|_epoch| batches.clone());
/// let data = data.validate(|_epoch| held_out.clone());
/// let trained = Trainer::new(5, 0.5).fit(model, sgd, &data, loss, &mut ());
/// let last = &trained.history.epochs()[4];
/// assert_eq!(last.step, 10); // two batches an epoch
/// assert!((last.validation.unwrap() - 2.0).abs() < 1e-2);
/// ```
#[derive(Clone)]
pub struct Data<T, V> {
    pub(crate) train: T,
    pub(crate) validation: Option<V>,
}

/// The type of a validation source that is absent.
///
/// See [`Data`] for an example.
pub type NoValidation<B> = fn(usize) -> Vec<B>;

impl<T, I, B> Data<T, NoValidation<B>>
where
    T: Fn(usize) -> I,
    I: IntoIterator<Item = B>,
{
    /// Batches to train on, without validation.
    pub fn train(train: T) -> Self {
        Self {
            train,
            validation: None,
        }
    }
}

impl Data<fn(usize) -> Vec<()>, NoValidation<()>> {
    /// Epochs of `steps` steps without data, for losses that draw their own samples: the batch is
    /// `()`. Such is the reverse divergence by which a flow fits a density that is known but for a
    /// factor.
    ///
    /// The loss has its seed as always. [`Workers`](crate::Workers) and
    /// [`Accumulate`](crate::Accumulate) do not compile with it: there is nothing to divide.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_train::Trainer;
    /// # use thalweg_optim::SingleGradient;
    /// # #[derive(Module, Debug)]
    /// # struct Point { x: Param<Tensor<1>> }
    /// # let device = Device::default().autodiff();
    /// # let point = Point { x: Param::from_data([0.0], &device) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// use thalweg_train::Data;
    ///
    /// let loss = |point: &Point, (), _seed| (point.x.val() - 2.0).square();
    /// let trained = Trainer::new(3, 0.25).fit(point, sgd, &Data::steps(20), loss, &mut ());
    /// let x: f64 = trained.finish()?.x.val().into_scalar();
    /// assert!((x - 2.0).abs() < 1e-6);
    /// # Ok::<(), thalweg_train::TrainError>(())
    /// ```
    pub fn steps(
        steps: usize,
    ) -> Data<impl Fn(usize) -> Vec<()> + Clone + Send + Sync, NoValidation<()>> {
        Data::train(move |_epoch| vec![(); steps])
    }
}

impl<T, V> Data<T, V> {
    /// Adds batches to validate on.
    pub fn validate<W, J>(self, validation: W) -> Data<T, W>
    where
        W: Fn(usize) -> J,
        J: IntoIterator,
    {
        Data {
            train: self.train,
            validation: Some(validation),
        }
    }
}

impl<T, V> fmt::Debug for Data<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data")
            .field("validation", &self.validation.is_some())
            .finish_non_exhaustive()
    }
}
