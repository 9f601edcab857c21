//! The flow of a vector field.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_kernels::Direction;

use super::divergence::{Trace, fresh_probes};
use super::steps::Moment;
use super::way::Way;
use super::{Divergence, Integration, IntegrationReport, VectorField};
use crate::invertible_backprop::Checkpoints;
use crate::numerics::{assert_features, nothing};
use crate::{FlowError, LogDet, Noise};

/// `dx/dt = v(t, x; c)` from noise at `t = 0` to data at `t = 1`.
///
/// `ln |det ∂x(1)/∂x(0)| = ∫₀¹ tr ∂v/∂x dt` along the way of a point. `forward` goes from data to latents, from
/// time 1 to 0, `inverse` from 0 to 1.
///
/// | method | gives |
/// |---|---|
/// | [`try_forward`](Self::try_forward), [`try_inverse`](Self::try_inverse) | value, log-determinant, [report](IntegrationReport) |
/// | [`try_transport`](Self::try_transport) | value and report, without the divergence: for samples |
/// | [`try_trajectory`](Self::try_trajectory) | the points at given times |
/// | [`regularized`](Self::regularized) | value, log-determinant and energies, for maximum likelihood |
///
/// The methods of [`Bijection`](crate::Bijection) call the first two, and panic with their message; see
/// [`Integration`] for the settings of both.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Continuous, Flow, Integrated, Integration, Noise, Scheme, TimeMlpConfig};
/// use thalweg_flow::base::StandardNormal;
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let field = TimeMlpConfig::new(2, vec![32, 32]).init(&mut noise, &device);
/// let layer = Continuous::new(field).with_integration(Integration::adaptive(Scheme::Tsitouras, 1e-5));
/// assert_eq!(layer.integration().scheme, Scheme::Tsitouras);
///
/// let x = Tensor::<2>::ones([5, 2], &device);
/// let Integrated { value, log_det, report } = layer.try_forward(x.clone(), &())?;
/// assert_eq!((value.dims(), log_det.dims()), ([5, 2], [5]));
/// assert!(report.evaluations < 100);
///
/// let flow = Flow::new(layer, StandardNormal::new(2));
/// assert_eq!(flow.log_prob(x).dims(), [5]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Gradients
///
/// They are those of the discrete solution, the steps that were taken. On the tape its memory grows with the
/// steps. By [`Reversible`](crate::Reversible) it does not: the states between two steps are kept, and each
/// step is taken again on a tape of its own. There a layer's steps count as layers, each with a saved input.
///
/// # Panics
///
/// `forward` and `inverse` panic where `try_forward` and `try_inverse` return an error, and all of them for `x`
/// with another number of features.
///
/// # References
///
/// Chen, Rubanova, Bettencourt, Duvenaud: *Neural ordinary differential equations*, 2018, theorem 1;
/// Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud: *FFJORD: Free-form continuous dynamics for scalable
/// reversible generative models*, 2019, eq. 3.
#[derive(Module, Debug)]
pub struct Continuous<F: Module + ModuleDisplay> {
    /// The velocity.
    pub field: F,
    #[module(skip)]
    pub(crate) integration: Integration,
    #[module(skip)]
    pub(crate) divergence: Divergence,
}

/// The result of an integration.
///
/// See [`Continuous`] for an example.
#[derive(Debug, Clone)]
pub struct Integrated {
    /// The points at its end.
    pub value: Tensor<2>,
    /// `ln |det|` of its map.
    pub log_det: LogDet,
    /// Its cost.
    pub report: IntegrationReport,
}

/// The result of an integration from data to latents, with the energies of the way of each row.
///
/// See [`Continuous::regularized`] for an example.
#[derive(Debug, Clone)]
pub struct Regularized {
    /// The points at its end.
    pub value: Tensor<2>,
    /// `ln |det|` of its map, by Hutchinson's estimate.
    pub log_det: LogDet,
    /// `∫ ‖v‖² dt`, `[batch]`.
    pub kinetic: Tensor<1>,
    /// `∫ ‖J ε‖² dt`, `[batch]`: an unbiased estimate of `∫ ‖J‖² dt` in Frobenius's norm.
    pub jacobian: Tensor<1>,
    /// Its cost.
    pub report: IntegrationReport,
}

/// The times of a way.
fn ends(direction: Direction) -> [f64; 2] {
    match direction {
        Direction::Forward => [1.0, 0.0],
        Direction::Inverse => [0.0, 1.0],
    }
}

impl<F: Module + ModuleDisplay> Continuous<F> {
    /// The flow of a field by the default [`Integration`] and [`Divergence`].
    pub fn new(field: F) -> Self {
        Self {
            field,
            integration: Integration::default(),
            divergence: Divergence::default(),
        }
    }

    /// The same flow, integrated otherwise.
    ///
    /// # Panics
    ///
    /// With the message of [`Integration::check`], for settings that it refuses.
    pub fn with_integration(self, integration: Integration) -> Self {
        if let Err(error) = integration.check() {
            panic!("{error}");
        }
        Self {
            integration,
            ..self
        }
    }

    /// The same flow with another divergence.
    ///
    /// # Panics
    ///
    /// With the message of [`Divergence::check`], for an estimate without probes.
    pub fn with_divergence(self, divergence: Divergence) -> Self {
        if let Err(error) = divergence.check() {
            panic!("{error}");
        }
        Self { divergence, ..self }
    }

    /// The settings of the integration.
    pub fn integration(&self) -> Integration {
        self.integration
    }

    /// How the divergence is computed.
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// The directions along which an evaluation of the divergence derives the field for each row.
    pub fn directions<C>(&self) -> usize
    where
        F: VectorField<C>,
    {
        let (features, is_cheap) = (self.field.features(), self.field.has_cheap_divergence());
        match self.divergence {
            Divergence::Hutchinson { probes, .. } => probes,
            divergence if divergence.is_exact(features, is_cheap) && !is_cheap => features,
            _ => 1,
        }
    }

    /// From data to latents, with the log-determinant.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`] with the time reached, the step and the evaluations, where the field is stiff
    /// or explodes, and where a number is not finite.
    pub fn try_forward<C>(&self, x: Tensor<2>, context: &C) -> Result<Integrated, FlowError>
    where
        F: VectorField<C>,
    {
        self.integrate(Direction::Forward, x, context)
    }

    /// From latents to data, with the log-determinant.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Continuous, Noise, TimeMlpConfig};
    ///
    /// let device = Device::default();
    /// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
    /// let layer = Continuous::new(field);
    /// let x = Tensor::<2>::ones([3, 2], &device);
    /// let there = layer.try_forward(x.clone(), &())?;
    /// let back = layer.try_inverse(there.value, &())?;
    /// assert!((back.value - x).abs().max().into_scalar::<f32>() < 1e-4);
    /// assert!((back.log_det + there.log_det).abs().max().into_scalar::<f32>() < 1e-4);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_forward`](Self::try_forward).
    pub fn try_inverse<C>(&self, z: Tensor<2>, context: &C) -> Result<Integrated, FlowError>
    where
        F: VectorField<C>,
    {
        self.integrate(Direction::Inverse, z, context)
    }

    /// From data to latents, or from latents to data, without the log-determinant: an evaluation of the field
    /// needs no divergence.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Continuous, Noise, TimeMlpConfig, compiled::Direction};
    ///
    /// let device = Device::default();
    /// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
    /// let layer = Continuous::new(field);
    /// let x = Tensor::<2>::ones([3, 2], &device);
    /// let (z, report) = layer.try_transport(Direction::Forward, x.clone(), &())?;
    /// let full = layer.try_forward(x, &())?;
    /// assert!((z - full.value).abs().max().into_scalar::<f32>() < 1e-4);
    /// assert!(report.evaluations > 0);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_forward`](Self::try_forward).
    pub fn try_transport<C>(
        &self,
        direction: Direction,
        x: Tensor<2>,
        context: &C,
    ) -> Result<(Tensor<2>, IntegrationReport), FlowError>
    where
        F: VectorField<C>,
    {
        self.check::<C>(&x);
        if nothing(&x).is_some() {
            return Ok((x, IntegrationReport::default()));
        }
        let way = self.way(Trace::None, context);
        let (end, report) = way.run(ends(direction), x, |_, _| ())?;
        Ok((end.x, report))
    }

    /// The points at some times of a way from latents to data, or back: one batch a time.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Continuous, Noise, TimeMlpConfig, compiled::Direction};
    ///
    /// let device = Device::default();
    /// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
    /// let z = Tensor::<2>::zeros([5, 2], &device);
    /// let way = Continuous::new(field).try_trajectory(Direction::Inverse, z, &[0.0, 0.5, 1.0], &())?;
    /// assert_eq!((way.len(), way[1].dims()), (3, [5, 2]));
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_forward`](Self::try_forward), and [`FlowError::IntegrationSetting`] for times outside `[0, 1]` or
    /// in another order than that of the way: from 0 to 1 for [`Direction::Inverse`].
    pub fn try_trajectory<C>(
        &self,
        direction: Direction,
        x: Tensor<2>,
        times: &[f64],
        context: &C,
    ) -> Result<Vec<Tensor<2>>, FlowError>
    where
        F: VectorField<C>,
    {
        self.check::<C>(&x);
        if nothing(&x).is_some() {
            return Ok(vec![x; times.len()]);
        }
        let way = self.way(Trace::None, context);
        way.at(ends(direction), x, times)
    }

    /// From data to latents, with the kinetic energy of the way and that of the field's Jacobian, for a loss
    /// that keeps the field simple: `−ln p + λ_K ∫ ‖v‖² dt + λ_J ∫ ‖J‖² dt`.
    ///
    /// The divergence and the Jacobian are estimated by one probe a row from `noise`, whatever the
    /// [`Divergence`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Continuous, Noise, Regularized, TimeMlpConfig};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let field = TimeMlpConfig::new(2, vec![8]).init(&mut noise, &device);
    /// let x = Tensor::<2>::ones([3, 2], &device);
    /// let Regularized { value, kinetic, jacobian, .. } =
    ///     Continuous::new(field).regularized(x.clone(), &(), &mut noise)?;
    /// assert_eq!((kinetic.dims(), jacobian.dims()), ([3], [3]));
    /// // No way from x to z in the time 1 has less energy than the straight one.
    /// let straight = (value - x).square().sum_dim(1).squeeze_dim::<1>(1);
    /// assert!((kinetic - straight).min().into_scalar::<f32>() > -1e-4);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_forward`](Self::try_forward).
    ///
    /// # References
    ///
    /// Finlay, Jacobsen, Nurbekyan, Oberman: *How to train your neural ODE: the world of Jacobian and kinetic
    /// regularization*, 2020, eq. 6 and 9; they take `εᵀJ`, which has the same mean square.
    pub fn regularized<C>(
        &self,
        x: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Regularized, FlowError>
    where
        F: VectorField<C>,
    {
        self.check::<C>(&x);
        if let Some((value, none)) = nothing(&x) {
            return Ok(Regularized {
                value,
                log_det: none.clone(),
                kinetic: none.clone(),
                jacobian: none,
                report: IntegrationReport::default(),
            });
        }
        let probes = fresh_probes(x.dims(), &x.device(), x.dtype(), noise);
        let way = self.way(Trace::Energies(probes), context);
        let (end, report) = way.run(ends(Direction::Forward), x, |_, _| ())?;
        // Time runs backwards, an energy does not.
        let [kinetic, jacobian] = end.energies.expect(ASKED).map(Tensor::neg);
        Ok(Regularized {
            value: end.x,
            log_det: end.log_det.expect(ASKED),
            kinetic,
            jacobian,
            report,
        })
    }

    pub(super) fn way<'a, C>(&'a self, trace: Trace, context: &'a C) -> Way<'a, F, C> {
        Way {
            field: &self.field,
            context,
            trace,
            integration: self.integration,
        }
    }

    fn check<C>(&self, x: &Tensor<2>)
    where
        F: VectorField<C>,
    {
        assert_features("Continuous", self.field.features(), x);
    }

    fn integrate<C>(
        &self,
        direction: Direction,
        x: Tensor<2>,
        context: &C,
    ) -> Result<Integrated, FlowError>
    where
        F: VectorField<C>,
    {
        self.run(direction, x, context, &mut Checkpoints::none())
    }

    pub(super) fn run<C>(
        &self,
        direction: Direction,
        x: Tensor<2>,
        context: &C,
        checkpoints: &mut Checkpoints,
    ) -> Result<Integrated, FlowError>
    where
        F: VectorField<C>,
    {
        self.check::<C>(&x);
        if let Some((value, log_det)) = nothing(&x) {
            Moment::keep(vec![(0.0, x)], 0.0, checkpoints);
            return Ok(Integrated {
                value,
                log_det,
                report: IntegrationReport::default(),
            });
        }
        let way = self.way(self.divergence.trace(&self.field, &x), context);
        let (ends, keeps) = (ends(direction), !checkpoints.are_off());
        let mut states = vec![];
        let (end, report) = way.run(ends, x, |t, state| {
            if keeps && t != ends[1] {
                states.push((t, state.x.clone()));
            }
        })?;
        Moment::keep(states, ends[1], checkpoints);
        Ok(Integrated {
            value: end.x,
            log_det: end.log_det.expect(ASKED),
            report,
        })
    }
}

const ASKED: &str = "a way has what was asked for at its start";
