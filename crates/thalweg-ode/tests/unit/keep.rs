//! Which points of a run stay in memory.

use std::cell::Cell;
use std::ops::{Add, Mul};
use std::rc::Rc;

use thalweg_ode::{
    Adaptive, Bounds, Cause, Components, Componentwise, Controller, Ended, Fixed, Gains, OdeError,
    Solve, Tableau, Tolerance, infallible, tableau,
};

use crate::common::observed_order;

const TIMES: [f64; 4] = [0.0, 0.371, 1.113, 2.0];

/// `y' = y cos t`, `y = exp(sin t)`.
fn field(t: f64, y: &f64) -> f64 {
    y * t.cos()
}

fn exact(t: f64) -> f64 {
    t.sin().exp()
}

fn tight() -> Adaptive {
    Adaptive::pi(Tolerance::new(1e-9, 1e-9).expect("a good tolerance"))
}

fn times(solution: &thalweg_ode::Solution<f64>) -> Vec<f64> {
    solution.points.iter().map(|point| point.t).collect()
}

#[test]
fn points_at_given_times_have_the_order_of_each_method() {
    for method in Tableau::ALL {
        let error = |steps: usize| {
            let solve = Solve::new(*method, 0.0, 2.0, 2.0 / steps as f64).unwrap();
            let solve = solve.keep_at(TIMES).unwrap();
            let solution = solve.run(infallible(field), 1.0, &mut Fixed).unwrap();
            assert_eq!(times(&solution), TIMES, "{}", method.name);
            let errors = solution.points.iter().map(|p| (p.y - exact(p.t)).abs());
            errors.fold(0.0, f64::max)
        };
        let order = f64::from(method.order);
        let found = observed_order(error, if method.order < 4 { 400 } else { 40 });
        assert!((found - order).abs() < 0.4, "{}: {found}", method.name);
    }
}

#[test]
fn points_at_given_times_are_as_good_as_the_tolerance() {
    for method in Tableau::ALL.iter().filter(|method| method.error.is_some()) {
        let solve = Solve::new(**method, 0.0, 3.0, 0.1).unwrap();
        let solve = solve.keep_at(TIMES).unwrap();
        let solution = solve.run(infallible(field), 1.0, &mut tight()).unwrap();
        assert_eq!(times(&solution), TIMES, "{}", method.name);
        assert_eq!((solution.last().t, solution.ended), (3.0, Ended::AtEnd));
        for point in &solution.points {
            assert!((point.y - exact(point.t)).abs() < 1e-7, "{}", method.name);
            assert_eq!(point.slope, Some(field(point.t, &point.y)));
        }
    }
}

#[test]
fn many_times_do_not_make_the_steps_after_them_short() {
    let steps = |times: Vec<f64>, controller: &mut dyn Controller| {
        let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 20.0, 0.5).unwrap();
        let solve = solve.keep_at(times).unwrap();
        let solution = solve.run(infallible(field), 1.0, controller).unwrap();
        solution.accepted
    };
    // Steps of one size stay of one size: the time costs no other step its length.
    let odd = vec![1e-3, 2.0001, 7.7];
    assert_eq!(steps(vec![], &mut Fixed), 40);
    assert_eq!(steps(odd.clone(), &mut Fixed), 1 + 4 + 12 + 25);
    let (without, with) = (steps(vec![], &mut tight()), steps(odd, &mut tight()));
    assert!(with <= without + 9, "{with} {without}");
}

#[test]
fn the_last_point_alone_is_that_of_the_whole_run() {
    let solve = Solve::new(tableau::TSITOURAS, 0.0, 5.0, 0.1).unwrap();
    let whole = solve.run(infallible(field), 1.0, &mut tight()).unwrap();
    let solve = solve.keep_last();
    let last = solve.run(infallible(field), 1.0, &mut tight()).unwrap();
    assert_eq!(last.points, [whole.last().clone()]);
    assert_eq!(last.last(), whole.last());
    assert_eq!(
        (
            last.evaluations,
            last.accepted,
            last.rejected,
            last.next_step
        ),
        (
            whole.evaluations,
            whole.accepted,
            whole.rejected,
            whole.next_step
        )
    );
    assert_eq!((last.at(5.0), last.at(2.0)), (Some(whole.last().y), None));
}

#[test]
fn a_run_back_in_time_meets_its_times() {
    let back = [2.0, 1.113, 0.371, 0.0];
    for controller in [&mut tight() as &mut dyn Controller, &mut Fixed] {
        let solve = Solve::new(tableau::DORMAND_PRINCE, 2.0, 0.0, 0.01).unwrap();
        let solve = solve.keep_at(back).unwrap();
        let solution = solve
            .run(infallible(field), exact(2.0), controller)
            .unwrap();
        assert_eq!(times(&solution), back);
        for point in &solution.points {
            assert!((point.y - exact(point.t)).abs() < 1e-7);
        }
    }
}

#[test]
fn repeated_times_give_repeated_points() {
    let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.3).unwrap();
    let twice = [0.0, 0.0, 0.5, 0.5, 0.5, 1.0, 1.0];
    let solution = solve.clone().keep_at(twice).unwrap();
    let solution = solution.run(infallible(field), 1.0, &mut Fixed).unwrap();
    assert_eq!(times(&solution), twice);
    assert_eq!(solution.points[2], solution.points[4]);
    assert_eq!(solution.at(0.5), Some(solution.points[3].y));

    let none = solve.keep_at([]).unwrap();
    let none = none.run(infallible(field), 1.0, &mut Fixed).unwrap();
    assert_eq!((none.points.len(), none.last().t), (0, 1.0));
    assert_eq!(none.at(1.0), None);

    let still = Solve::new(tableau::RK4, 2.0, 2.0, 0.3).unwrap();
    let still = still.keep_at([2.0, 2.0]).unwrap();
    let still = still.run(infallible(field), 1.0, &mut Fixed).unwrap();
    assert_eq!((times(&still), still.accepted), (vec![2.0, 2.0], 0));
}

#[test]
fn times_that_a_run_does_not_pass_are_named() {
    let refused = |start, end, times: &[f64]| {
        let solve = Solve::new(tableau::RK4, start, end, 0.1).unwrap();
        solve.keep_at(times).expect_err("a bad time")
    };
    for (start, end, times, index) in [
        (0.0, 1.0, [0.5, 1.5], 1),
        (0.0, 1.0, [-0.1, 0.5], 0),
        (0.0, 1.0, [0.5, 0.4], 1),
        (0.0, 1.0, [0.5, f64::NAN], 1),
        (0.0, 1.0, [f64::INFINITY, 0.5], 0),
        (1.0, 0.0, [0.4, 0.5], 1),
        (1.0, 0.0, [0.4, -0.1], 1),
        (1.0, 1.0, [1.0, 2.0], 1),
    ] {
        let error = refused(start, end, &times);
        assert!(
            matches!(&error, OdeError::Time { index: found, .. } if *found == index),
            "{error:?}"
        );
        let text = error.to_string();
        assert!(text.contains(&format!("is {}", times[index])), "{text}");
    }
    let text = refused(0.0, 1.0, &[0.5, 0.4]).to_string();
    assert!(
        text.starts_with("time 1 to keep is 0.4; it must lie between 0.5"),
        "{text}"
    );
}

#[test]
fn a_run_that_does_not_get_there_gives_the_points_so_far() {
    let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.1).unwrap();
    let solve = solve.keep_at([0.0, 0.25, 0.9]).unwrap();
    let fails = |t: f64, y: &f64| if t < 0.55 { Ok(-y) } else { Err("no gradient") };
    let failure = solve.run(fails, 1.0, &mut Fixed).unwrap_err();
    assert_eq!(failure.cause, Cause::Field("no gradient"));
    assert_eq!(times(&failure.so_far), [0.0, 0.25]);
    let last = failure.so_far.last();
    assert!(
        (last.t - 0.55).abs() < 0.06 && last.slope == Some(-last.y),
        "{last:?}"
    );

    let failure = solve
        .run(|_, _: &f64| Err("at once"), 1.0, &mut Fixed)
        .unwrap_err();
    assert_eq!(
        (failure.so_far.last().t, failure.so_far.last().y),
        (0.0, 1.0)
    );

    // The one point that is kept survives a state that is not finite.
    let solve = Solve::new(tableau::EULER, 0.0, 100.0, 1.0)
        .unwrap()
        .keep_last();
    let failure = solve.run(infallible(|_, y: &f64| y * y * y), 2.0, &mut Fixed);
    let so_far = failure.unwrap_err().so_far;
    assert!(so_far.points.len() == 1 && so_far.last().y.is_finite());

    let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.1)
        .unwrap()
        .keep_at([0.5])
        .unwrap();
    let most = solve.clone().most_steps(3);
    let most = most.run(infallible(field), 1.0, &mut Fixed).unwrap();
    assert_eq!((most.points.len(), most.ended), (0, Ended::MostSteps));
    assert!((most.last().t - 0.3).abs() < 1e-12);
    let stop = |t: f64, _: &f64| t > 0.45;
    let stopped = solve.run_until(infallible(field), 1.0, &mut Fixed, &Componentwise, stop);
    let stopped = stopped.unwrap();
    assert_eq!(
        (times(&stopped), stopped.ended),
        (vec![0.5], Ended::Stopped)
    );
}

#[test]
fn a_controller_that_shortens_is_heard_at_a_time_to_keep() {
    // A step that ends at the time by itself is followed by what the controller says.
    let tolerance = Tolerance::new(1e-9, 1e-9).unwrap();
    let bounds = Bounds {
        growth: 1.5,
        ..Bounds::default()
    };
    let mut controller = Adaptive::new(tolerance, Gains::INTEGRAL, bounds).unwrap();
    let whole = Solve::new(tableau::DORMAND_PRINCE, 0.0, 3.0, 0.2).unwrap();
    let whole = whole.run(infallible(field), 1.0, &mut controller).unwrap();
    let on_the_way: Vec<f64> = whole.points.iter().map(|point| point.t).collect();
    let mut controller = Adaptive::new(tolerance, Gains::INTEGRAL, bounds).unwrap();
    let again = Solve::new(tableau::DORMAND_PRINCE, 0.0, 3.0, 0.2).unwrap();
    let again = again.keep_at(on_the_way).unwrap();
    let again = again.run(infallible(field), 1.0, &mut controller).unwrap();
    assert_eq!(again.accepted, whole.accepted);
    assert!((again.last().y - whole.last().y).abs() < 1e-14);
}

/// A number that counts how many of it there are.
struct Counted {
    value: f64,
    alive: Rc<Cell<[usize; 2]>>,
}

impl Counted {
    fn new(value: f64, alive: &Rc<Cell<[usize; 2]>>) -> Self {
        let [now, most] = alive.get();
        alive.set([now + 1, most.max(now + 1)]);
        let alive = Rc::clone(alive);
        Self { value, alive }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let [now, most] = self.alive.get();
        self.alive.set([now - 1, most]);
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.value, &self.alive)
    }
}

impl Add for Counted {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.value + other.value, &self.alive)
    }
}

impl Mul<f64> for Counted {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self::new(self.value * factor, &self.alive)
    }
}

impl Components for Counted {
    fn components(&self) -> &[f64] {
        std::slice::from_ref(&self.value)
    }
}

#[test]
fn memory_does_not_grow_with_the_steps() {
    let most = |keep: &dyn Fn(Solve<Tableau>) -> Solve<Tableau>, steps: usize| {
        let alive = Rc::new(Cell::new([0, 0]));
        let solve = Solve::new(tableau::RK4, 0.0, 1.0, 1.0 / steps as f64).unwrap();
        let decay = infallible(|_, y: &Counted| y.clone() * -1.0);
        let solution = keep(solve).run(decay, Counted::new(1.0, &alive), &mut Fixed);
        assert_eq!(solution.map_err(|_| "failed").unwrap().accepted, steps);
        alive.get()[1]
    };
    let last = |solve: Solve<Tableau>| solve.keep_last();
    let at = |solve: Solve<Tableau>| solve.keep_at([0.0, 0.5, 1.0]).unwrap();
    assert_eq!(most(&last, 10), most(&last, 5_000));
    assert_eq!(most(&at, 10), most(&at, 5_000));
    // The count can tell: every step keeps a state and a slope.
    assert!(most(&|solve| solve, 5_000) > 10_000);
}

/// The state is the same to the bit; a method that has the slope anyway still gives it.
#[test]
fn without_the_last_slope_the_run_is_the_same_and_one_evaluation_shorter() {
    for method in Tableau::ALL {
        let solve = Solve::new(*method, 0.0, 2.0, 0.5).unwrap();
        let [with, without] = [solve.clone(), solve.without_last_slope()].map(|solve| {
            let mut evaluations = 0;
            let counted = |t: f64, y: &f64| {
                evaluations += 1;
                field(t, y)
            };
            let solution = solve.run(infallible(counted), 1.0, &mut Fixed).unwrap();
            assert_eq!(solution.evaluations, evaluations, "{}", method.name);
            solution
        });
        assert_eq!(with.last().y, without.last().y);
        assert_eq!(with.accepted, without.accepted);
        let saved = usize::from(!method.fsal);
        assert_eq!(with.evaluations, without.evaluations + saved);
        assert_eq!(without.last().slope.is_some(), method.fsal);
        assert_eq!(without.at(1.75).is_some(), method.fsal);
    }
}
