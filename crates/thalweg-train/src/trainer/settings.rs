//! What a trainer is told before it trains.

use std::path::PathBuf;

use super::Trainer;
use crate::OnNonFinite;

impl Trainer {
    /// Multiplies the learning rate by a function of the step, which counts from 0; see
    /// [`schedule`](crate::schedule).
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
    /// use thalweg_train::{Trainer, schedule::linear};
    ///
    /// let trainer = Trainer::new(5, 0.2).schedule(linear(4, 1.0, 0.0));
    /// let trained = trainer.fit(model, sgd, &data, loss, &mut ());
    /// let sizes: Vec<f64> = trained.history.epochs().iter().map(|epoch| epoch.step_size).collect();
    /// assert!((sizes[0] - 0.2).abs() < 1e-12 && (sizes[2] - 0.1).abs() < 1e-12);
    /// ```
    pub fn schedule(mut self, factor: impl Fn(usize) -> f64 + Send + Sync + 'static) -> Self {
        self.schedule = Box::new(factor);
        self
    }

    /// The seed from which the loss function's seeds derive.
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
    /// use std::cell::RefCell;
    /// use thalweg_train::Trainer;
    ///
    /// // The seeds that the loss gets in three steps.
    /// let seeds = |seed: u64| {
    ///     let seen = RefCell::new(vec![]);
    ///     let noted = |model: &Mean, x: Tensor<1>, seed: u64| {
    ///         seen.borrow_mut().push(seed);
    ///         loss(model, x, seed)
    ///     };
    ///     let trainer = Trainer::new(3, 0.5).seed(seed);
    ///     trainer.fit(model.clone(), sgd.clone(), &data, noted, &mut ()).into_best();
    ///     seen.into_inner()
    /// };
    /// assert_eq!(seeds(1), seeds(1));
    /// assert_ne!(seeds(1), seeds(2));
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Reads the loss only at every n-th step. A reading waits for the device, which a GPU pays
    /// for; but a loss that is not finite is noticed only when it is read.
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
    /// use thalweg_train::Trainer;
    ///
    /// let trained = Trainer::new(6, 0.1).read_loss_every(2).fit(model, sgd, &data, loss, &mut ());
    /// assert_eq!(trained.history.losses().len(), 3); // of one batch an epoch
    /// ```
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn read_loss_every(mut self, steps: usize) -> Self {
        assert!(
            steps > 0,
            "the loss cannot be read every 0 steps; use 1 or more"
        );
        self.read_loss_every = steps;
        self
    }

    /// Validates only after every n-th epoch, and after the last.
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
    /// use thalweg_train::Trainer;
    ///
    /// let held_out = Tensor::<1>::from_data([2.0], &device);
    /// let data = data.validate(|_epoch| vec![held_out.clone()]);
    /// let trained = Trainer::new(5, 0.5).validate_every(2).fit(model, sgd, &data, loss, &mut ());
    /// assert_eq!(trained.history.validations().len(), 3); // epochs 2, 4, and the last
    /// ```
    ///
    /// # Panics
    /// If `epochs` is 0.
    pub fn validate_every(mut self, epochs: usize) -> Self {
        assert!(
            epochs > 0,
            "a run cannot validate every 0 epochs; use 1 or more"
        );
        self.validate_every = epochs;
        self
    }

    /// The policy for a training loss that is not finite; by default the run ends. The loss is known
    /// only where it is [read](Self::read_loss_every).
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
    /// use thalweg_train::{OnNonFinite, Trainer};
    ///
    /// // The second of three batches holds a NaN: the steps after it are half as long.
    /// let batches = [1.0, f32::NAN, 3.0].map(|x| Tensor::<1>::from_data([x], &device));
    /// let data = Data::train(|_epoch| batches.clone());
    /// let policy = OnNonFinite::Recover { at_most: 1, scale: 0.5 };
    /// let trained = Trainer::new(1, 0.5).on_non_finite(policy).fit(model, sgd, &data, loss, &mut ());
    /// assert!(trained.outcome.is_success());
    /// assert_eq!((trained.survived.len(), trained.history.epochs()[0].step_size), (1, 0.25));
    /// ```
    ///
    /// # Panics
    /// Unless the scale of [`OnNonFinite::Recover`] is above 0 and at most 1.
    pub fn on_non_finite(mut self, policy: OnNonFinite) -> Self {
        if let OnNonFinite::Recover { scale, .. } = policy {
            assert!(
                scale > 0.0 && scale <= 1.0,
                "the steps of a run that recovers are scaled by a factor in (0, 1], got {scale}"
            );
        }
        self.on_non_finite = policy;
        self
    }

    /// How to find the layer that first gives a number that is not finite: a function that runs a
    /// computation and names that layer. For flows that is
    /// `thalweg_flow::probe::first_non_finite`.
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
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed: u64| (x - model.mean.val()).square().mean() * 0.5;
    /// use thalweg_train::{Origin, Outcome, Trainer};
    ///
    /// // The logarithm of a negative number, in the only layer.
    /// let undefined = |model: &Mean, x: Tensor<1>, _seed| (model.mean.val() - x).log().mean();
    /// let trainer = Trainer::new(1, 0.5).explain(|compute| {
    ///     compute();
    ///     Some("logarithm".to_owned())
    /// });
    /// let trained = trainer.fit(model, sgd, &data, undefined, &mut ());
    /// let Outcome::NonFinite(found) = trained.outcome else {
    ///     panic!("{}", trained.outcome);
    /// };
    /// assert_eq!(found.origin, Origin::Layer("logarithm".to_owned()));
    /// # let _ = loss;
    /// ```
    pub fn explain(
        mut self,
        find: impl Fn(&mut dyn FnMut()) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.explain = Some(Box::new(find));
        self
    }

    /// Keeps the whole run in this file, and goes on from there where the file exists.
    ///
    /// The file is written after each epoch, between batches where [`save_every`](Self::save_every)
    /// says so, and when the run ends other than by a failure or a loss that is not finite; it holds
    /// weights, minimizer, scale, position, history, best weights and the callbacks' states. On the
    /// CPU a run that is killed and goes on gives the same weights, to the bit, as one that was not,
    /// as long as batches and randomness come from the epoch and the seed alone (layers that draw
    /// from the device's own generator, such as Burn's dropout, do not).
    ///
    /// A run that is over ends again as it did: where its steps or its time had ended within an epoch, with
    /// that epoch's validation and callbacks.
    ///
    /// A file that cannot be used ends the run before its first step, as
    /// [`TrainError::Resume`](crate::TrainError::Resume); so do another seed and another number of
    /// batches. More epochs, steps or time than before, another rate or schedule are yours to choose. A
    /// run that a callback had stopped stays so, unless that callback
    /// [lets it go on](crate::Callback::review_stop): [`EarlyStopping`](crate::EarlyStopping) with a larger
    /// patience, [`Watch`](crate::Watch) with a higher bound.
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
    /// use thalweg_train::Trainer;
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-resume-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("run.state");
    /// let fit = |epochs| {
    ///     let trainer = Trainer::new(epochs, 0.1).resume(&path);
    ///     let trained = trainer.fit(model.clone(), sgd.clone(), &data, loss, &mut ());
    ///     trained.model.mean.val().into_scalar::<f32>()
    /// };
    /// fit(3); // say, another program
    /// let resumed = fit(8);
    /// # std::fs::remove_dir_all(&folder).ok();
    /// # std::fs::create_dir_all(&folder)?;
    /// let at_once = fit(8);
    /// # std::fs::remove_dir_all(&folder).ok();
    /// assert_eq!(resumed, at_once);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn resume(mut self, path: impl Into<PathBuf>) -> Self {
        self.resume = Some(path.into());
        self
    }

    /// Writes the file of [`resume`](Self::resume) also after every n-th step.
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
    /// use thalweg_train::{Trainer, on_epoch_end};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-save-every-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("run.state");
    /// // An epoch of four batches, whose end comes before its own writing.
    /// let batch = Tensor::<1>::from_data([1.0, 3.0], &device);
    /// let data = Data::train(|_epoch| vec![batch.clone(); 4]);
    /// let mut there = false;
    /// let mut look = on_epoch_end(|_, _: &Mean| there = path.exists());
    /// let trainer = Trainer::new(1, 0.5).resume(&path).save_every(2);
    /// trainer.fit(model, sgd, &data, loss, &mut look).finish()?;
    /// assert!(there);
    /// # std::fs::remove_dir_all(folder).ok();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn save_every(mut self, steps: usize) -> Self {
        assert!(
            steps > 0,
            "a run cannot be saved every 0 steps; use 1 or more"
        );
        self.save_every = Some(steps);
        self
    }
}
