//! Points spread along a curve, as nodes and weights of a quadrature.

/// Nodes in `0..1` and weights of the Gauss–Legendre rule of eight points, exact to degree 15
/// (M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 1964, table 25.4).
const HALF_RULE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];

/// Nodes `t` and weights `w` with `∫₀ᵉⁿᵈ f(t) dt ≈ Σ w f(t)`, eight on each of `panels` equal parts.
///
/// Where `f` is a bump of deviation σ, parts of 1.5 σ leave a relative error below 10⁻¹².
pub(super) fn gauss_legendre(end: f64, panels: usize) -> impl Iterator<Item = (f64, f64)> {
    let half = end / (2 * panels) as f64;
    (0..panels).flat_map(move |panel| {
        let middle = half * (2 * panel + 1) as f64;
        HALF_RULE.into_iter().flat_map(move |(node, weight)| {
            [-node, node].map(|node| (middle + half * node, half * weight))
        })
    })
}
