//! A rational-quadratic function between two knots, and its derivatives.

use crate::number::Number;

/// The piece from knot `(x₀, y₀)` with slope `d₀` to a knot `width` and `height` further with slope `d₁`.
#[derive(Clone, Copy)]
pub(super) struct Piece<N> {
    pub(super) x: N,
    pub(super) y: N,
    pub(super) width: N,
    pub(super) height: N,
    /// `d₀` and `d₁`.
    pub(super) slopes: [N; 2],
}

/// The terms that value and derivatives share at `ξ = (x − x₀) / width`.
struct At<N> {
    xi: N,
    /// `1 − ξ`.
    rest: N,
    /// `ξ (1 − ξ)`.
    mixed: N,
    /// `s = height / width`.
    secant: N,
    /// `d₀ + d₁ − 2 s`.
    bend: N,
    /// `q = s + bend ξ(1 − ξ)`.
    q: N,
    /// `(s ξ² + d₀ ξ(1 − ξ)) / q`: the share of the height that is reached.
    share: N,
    /// `d₁ ξ² + 2 s ξ(1 − ξ) + d₀ (1 − ξ)²`.
    slope: N,
}

impl<N: Number> Piece<N> {
    #[inline(always)]
    fn at(&self, xi: N) -> At<N> {
        let [left, right] = self.slopes;
        let secant = self.height / self.width;
        let rest = xi.like(1.0) - xi;
        let mixed = xi * rest;
        let bend = left + right - (secant + secant);
        let q = bend.mul_add(mixed, secant);
        At {
            rest,
            mixed,
            secant,
            bend,
            q,
            share: secant.mul_add(xi * xi, left * mixed) / q,
            slope: right.mul_add(
                xi * xi,
                (secant + secant).mul_add(mixed, left * (rest * rest)),
            ),
            xi,
        }
    }

    /// `yes` where the mask holds, `no` elsewhere.
    #[inline(always)]
    pub(super) fn select(mask: N::Mask, yes: Self, no: Self) -> Self {
        Self {
            x: N::select(mask, yes.x, no.x),
            y: N::select(mask, yes.y, no.y),
            width: N::select(mask, yes.width, no.width),
            height: N::select(mask, yes.height, no.height),
            slopes: [
                N::select(mask, yes.slopes[0], no.slopes[0]),
                N::select(mask, yes.slopes[1], no.slopes[1]),
            ],
        }
    }

    /// `ξ` of `x`.
    #[inline(always)]
    pub(super) fn xi(&self, x: N) -> N {
        (x - self.x) / self.width
    }

    /// `y(ξ)` and `ln dy/dx`.
    #[inline(always)]
    pub(super) fn value(&self, xi: N) -> [N; 2] {
        let at = self.at(xi);
        let twice = at.secant.ln() - at.q.ln();
        [
            self.height.mul_add(at.share, self.y),
            at.slope.ln() + (twice + twice),
        ]
    }

    /// The `ξ` at which the piece has this height: the root `2c / (−b − √(b² − 4ac))`, whose denominator is
    /// a sum of two numbers of one sign.
    #[inline(always)]
    pub(super) fn root(&self, y: N) -> N {
        let (zero, one, secant) = (y.like(0.0), y.like(1.0), self.height / self.width);
        let [left, right] = self.slopes;
        let rise = y - self.y;
        let bent = rise * (left + right - (secant + secant));
        let a = self.height.mul_add(secant - left, bent);
        let b = self.height * left - bent;
        let c = -(secant * rise);
        let root = (b * b - y.like(4.0) * a * c).or_above(zero).sqrt();
        // Rounding leads it out where the slopes at the knots are steep, and there it matters.
        let xi = (c + c) / -(b + root);
        xi.or_above(zero).or_below(one)
    }

    /// From the gradients of `y(ξ)` and of `ln dy/dx` to those of the piece, and that of `x`.
    #[inline(always)]
    pub(super) fn gradient(&self, xi: N, [g, of_slope]: [N; 2]) -> (Self, N) {
        let At {
            xi,
            rest,
            mixed,
            secant,
            bend,
            q,
            share,
            slope,
        } = self.at(xi);
        let [left, right] = self.slopes;
        let (one, two) = (xi.like(1.0), xi.like(2.0));
        // `1 − 2 ξ` and `1 − 2 ξ(1 − ξ)`.
        let (turn, straight) = (rest - xi, one - two * mixed);
        let (of_height, per_q) = (g * self.height / q, two * of_slope / q);
        let per_slope = of_slope / slope;
        // Of the slopes of the knots, of the secant and of ξ: through y, then through the logarithm.
        let to_left = of_height * mixed * (one - share) + per_slope * rest * rest - per_q * mixed;
        let to_right = per_slope * xi * xi - (of_height * share + per_q) * mixed;
        let to_secant = of_height * (xi * xi - share * straight)
            + two * (per_slope * mixed + of_slope / secant)
            - per_q * straight;
        let rise = two * secant * xi + left * turn - share * bend * turn;
        let slope_turn = right * xi + secant * turn - left * rest;
        let to_xi = of_height * rise + two * per_slope * slope_turn - per_q * bend * turn;
        let to_x = to_xi / self.width;
        let gradient = Self {
            x: -to_x,
            y: g,
            width: -(to_x * xi + to_secant * secant / self.width),
            height: g * share + to_secant / self.width,
            slopes: [to_left, to_right],
        };
        (gradient, to_x)
    }
}
