//! The networks and the bound.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::bulk::map_by_chunks;
use thalweg_flow::numerics::sum_features;
use thalweg_flow::points::{no_rows, one_row};
use thalweg_flow::{Condition, FlowError, Network, Noise, Placement};

use crate::variational::{Elbo, Gaussian, GaussianHead, KlForm, Likelihood, importance_bound};

/// An encoder, the Gaussian head of its features, a decoder, and the likelihood of data given its
/// output, with a standard normal prior.
///
/// Encoder and decoder are any networks, under any context `C`: `&()` for none. Data are those of the
/// likelihood; see [`VaeModel`](super::VaeModel) for levels.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{MlpConfig, Noise, WeightInit};
/// use thalweg_models::vae::Autoencoder;
/// use thalweg_models::variational::{Binarization, GaussianHead, KlForm, LikelihoodStyle};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let vae = Autoencoder {
///     encoder: MlpConfig::new(6, vec![16], 8).init(&mut noise, &device),
///     head: GaussianHead::new([8, 2], WeightInit::FanIn, &mut noise, &device),
///     decoder: MlpConfig::new(2, vec![16], 6).init(&mut noise, &device),
///     likelihood: LikelihoodStyle::Bernoulli(Binarization::Dynamic).init(2, &device),
/// };
/// let x = Tensor::<2>::ones([5, 6], &device);
/// let elbo = vae.elbo(x.clone(), &(), KlForm::Analytic, &mut noise);
/// assert_eq!((elbo.bound().dims(), elbo.kl.dims()), ([5], [5, 2]));
/// let mean = vae.posterior(x.clone(), &()).mean();
/// assert_eq!(vae.reconstruct(x.clone(), &()).to_data(), vae.decode(mean, &()).to_data());
/// assert_eq!(vae.importance(x.clone(), &(), 10, &mut noise)?.len(), 5);
/// // The log-weight of one sample is its bound.
/// let u = Tensor::<2>::ones([5, 2], &device);
/// let elbo = vae.elbo_at(x.clone(), &(), KlForm::MonteCarlo, u.clone());
/// let weights = vae.log_weights(x, &(), u.unsqueeze_dim(0)).reshape([5]);
/// assert!((weights - elbo.bound()).abs().max().into_scalar::<f32>() < 1e-5);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Shapes
///
/// Data `[batch, numbers]`, latents `[batch, latents]`, per-sample results `[batch]`.
#[derive(Module, Debug)]
pub struct Autoencoder<E: Module + ModuleDisplay, D: Module + ModuleDisplay> {
    /// From data to features.
    pub encoder: E,
    /// From features to the posterior.
    pub head: GaussianHead,
    /// From latents to the likelihood's parameters.
    pub decoder: D,
    /// Of data given the decoder's output.
    pub likelihood: Likelihood,
}

/// The batch size of an evaluation's decoder.
const ROWS: usize = 5000;

impl<E: Module + ModuleDisplay, D: Module + ModuleDisplay> Autoencoder<E, D> {
    /// `q(z|x)`.
    ///
    /// See [`Autoencoder`] for an example.
    pub fn posterior<C: Condition>(&self, x: Tensor<2>, context: &C) -> Gaussian
    where
        E: Network<C>,
    {
        let parts = map_by_chunks(self, context, x, |model, x, context| {
            model
                .head
                .forward(model.encoder.apply(x, context))
                .into_parts()
        });
        Gaussian::from_parts(parts)
    }

    /// The mean data of latents.
    pub fn decode<C: Condition>(&self, z: Tensor<2>, context: &C) -> Tensor<2>
    where
        D: Network<C>,
    {
        if z.dims()[0] == 0 {
            return no_rows(self.decode(one_row(z), &context.one()));
        }
        map_by_chunks(self, context, z, |model, z, context| {
            model.likelihood.mean(model.decoder.apply(z, context))
        })
    }

    /// The mean data of latents from the prior, `temperature` times as wide.
    pub fn sample<C: Condition>(
        &self,
        n: usize,
        context: &C,
        temperature: f64,
        noise: &mut Noise,
    ) -> Tensor<2>
    where
        D: Network<C>,
    {
        let Placement { device, dtype } = Placement::of(self);
        let z: Tensor<2> = noise.normal([n, self.head.latents()], &device, dtype);
        self.decode(z.mul_scalar(temperature), context)
    }
}

/// The bounds.
impl<E: Module + ModuleDisplay, D: Module + ModuleDisplay> Autoencoder<E, D> {
    /// The mean data of the posterior's means.
    pub fn reconstruct<C: Condition>(&self, x: Tensor<2>, context: &C) -> Tensor<2>
    where
        E: Network<C>,
        D: Network<C>,
    {
        if x.dims()[0] == 0 {
            return x;
        }
        self.decode(self.posterior(x, context).mean(), context)
    }

    /// The parts of the bound, from one sample a row.
    pub fn elbo<C: Condition>(
        &self,
        x: Tensor<2>,
        context: &C,
        form: KlForm,
        noise: &mut Noise,
    ) -> Elbo
    where
        E: Network<C>,
        D: Network<C>,
    {
        if x.dims()[0] == 0 {
            let noise = &mut Noise::seeded(0); // the caller's noise does not advance
            let Elbo { log_likelihood, kl } = self.elbo(one_row(x), &context.one(), form, noise);
            return Elbo {
                log_likelihood: no_rows(log_likelihood),
                kl: no_rows(kl),
            };
        }
        let posterior = self.posterior(x.clone(), context);
        let mean = posterior.mean();
        let u = noise.normal(mean.dims(), &mean.device(), mean.dtype());
        self.elbo_of(x, &posterior, context, form, u)
    }

    /// The same with given standard normal numbers `u`, `[batch, latents]`.
    ///
    /// See [`Autoencoder`] for an example.
    pub fn elbo_at<C: Condition>(
        &self,
        x: Tensor<2>,
        context: &C,
        form: KlForm,
        u: Tensor<2>,
    ) -> Elbo
    where
        E: Network<C>,
        D: Network<C>,
    {
        let posterior = self.posterior(x.clone(), context);
        self.elbo_of(x, &posterior, context, form, u)
    }

    fn elbo_of<C: Condition>(
        &self,
        x: Tensor<2>,
        posterior: &Gaussian,
        context: &C,
        form: KlForm,
        u: Tensor<2>,
    ) -> Elbo
    where
        D: Network<C>,
    {
        let rows = (x, posterior.clone().into_parts(), u);
        let parts = map_by_chunks(self, context, rows, |model, (x, posterior, u), context| {
            let draw = Gaussian::from_parts(posterior).draw_at(form, u);
            let output = model.decoder.apply(draw.z, context);
            (model.likelihood.log_prob(x, output), draw.kl)
        });
        let (log_likelihood, kl) = parts;
        Elbo { log_likelihood, kl }
    }

    /// `log p(x|z) + log p(z) − log q(z|x)` of given standard normal numbers `u`,
    /// `[samples, batch, latents]`, to `[samples, batch]`.
    ///
    /// Their mean over the samples is the bound of one, their [`log_mean_exp`] that of all of them.
    ///
    /// See [`Autoencoder`] for an example.
    ///
    /// [`log_mean_exp`]: crate::variational::log_mean_exp
    pub fn log_weights<C: Condition>(&self, x: Tensor<2>, context: &C, u: Tensor<3>) -> Tensor<2>
    where
        E: Network<C>,
        D: Network<C>,
    {
        let posterior = self.posterior(x.clone(), context);
        self.weights_of(x, &posterior, context, u)
    }

    fn weights_of<C: Condition>(
        &self,
        x: Tensor<2>,
        posterior: &Gaussian,
        context: &C,
        u: Tensor<3>,
    ) -> Tensor<2>
    where
        D: Network<C>,
    {
        let [samples, batch, latents] = u.dims();
        let repeated = posterior.repeat_rows(samples);
        let u = u.reshape([samples * batch, latents]);
        let x = x.repeat_rows(samples);
        // One row for all data is one row for all their samples.
        let context = match context.rows() {
            Some(1) => context.clone(),
            _ => context.repeat_rows(samples),
        };
        let elbo = self.elbo_of(x, &repeated, &context, KlForm::MonteCarlo, u);
        (elbo.log_likelihood - sum_features(elbo.kl)).reshape([samples, batch])
    }

    /// The importance-weighted bound of `k` samples for each row, in nats; see
    /// [`importance_bound`].
    ///
    /// # Errors
    ///
    /// When the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// When `k` is 0.
    pub fn importance<C: Condition>(
        &self,
        x: Tensor<2>,
        context: &C,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError>
    where
        E: Network<C>,
        D: Network<C>,
    {
        if x.dims()[0] == 0 {
            return Ok(vec![]);
        }
        let posterior = self.posterior(x.clone(), context);
        let mean = posterior.mean();
        let [batch, latents] = mean.dims();
        importance_bound(k, (ROWS / batch).max(1), |samples| {
            let shape = [samples, batch, latents];
            let u = noise.normal(shape, &mean.device(), mean.dtype());
            Ok(self.weights_of(x.clone(), &posterior, context, u))
        })
    }
}
