//! Two clients of one full JID, and a watcher of another account, through every order of what can happen to them, up to
//! a depth (RFC 6120 §7.7.2.2; PROTOCOL section 2, "Being in it" and "Time"). What must be seen of every step is said by
//! a model of a few maps. Then everybody falls silent, until nobody but the watcher is left.
//!
//! A step that changes nothing which could matter later is played like any other, but no further steps are tried behind
//! it. While neither client is there they are alike, and the one that comes is called A.
//!
//! Not in here: what half-written stanzas and full queues come to (`undelivered.rs`), and sessions of several resources.
//!
//! # Layout
//! - `actions.rs`: what can happen, and what can be seen of it
//! - `model.rs`: what must be seen
//! - `play.rs`, `heard.rs`: what is seen of the real server

mod actions;
mod heard;
mod model;
mod play;

use std::collections::BTreeSet;
use std::time::Duration;

use actions::{ACTIONS, Action, Outcome, Since, When, Who};
use model::Model;
use play::{Play, Stage};

/// An action, when it happens, and what must be seen of it.
#[derive(Clone)]
struct Step {
    action: Action,
    now: Duration,
    expected: Outcome,
}

/// Plays paths, each from the beginning.
struct Explorer {
    stage: Stage,
    path: Vec<Step>,
    paths: usize,
}

/// Shows the path that led to a panic, in the test or in the server.
struct Trace<'a> {
    path: &'a [Step],
    /// Actions that were chosen; what is behind them is how it ends when everybody is silent.
    chosen: usize,
    begun: usize,
}

impl Explorer {
    fn new() -> Self {
        Self { stage: Stage::new(), path: Vec::new(), paths: 0 }
    }

    /// The model after these actions, which every path begins with.
    fn begin(&mut self, actions: &[Action]) -> Model {
        let mut model = Model::new(Play::new(&self.stage).now());
        for action in actions {
            assert!(model.applies(*action), "{action}");
            self.expect(&mut model, *action);
        }
        model
    }

    /// Tries every order of actions of this length.
    fn explore(&mut self, model: &Model, depth: usize) {
        if depth == 0 {
            return self.play(model.clone());
        }
        let essence = model.essence();
        for action in ACTIONS {
            if model.applies(action) {
                let mut next = model.clone();
                self.expect(&mut next, action);
                let changed = next.essence() != essence;
                self.explore(&next, if changed { depth - 1 } else { 0 });
                self.path.pop();
            }
        }
    }

    /// Tries every action in every state that is reached by fewer actions than this; returns how many states.
    fn explore_states(&mut self, model: Model, depth: usize) -> usize {
        let mut known = BTreeSet::from([model.essence()]);
        let mut front = vec![(model, Vec::new())];
        for _ in 0..depth {
            let mut next_front = Vec::new();
            for (model, path) in front {
                for action in ACTIONS {
                    if model.applies(action) {
                        let mut next = model.clone();
                        self.path.clone_from(&path);
                        self.expect(&mut next, action);
                        if known.insert(next.essence()) {
                            next_front.push((next.clone(), self.path.clone()));
                        }
                        self.play(next);
                    }
                }
            }
            front = next_front;
        }
        known.len()
    }

    fn expect(&mut self, model: &mut Model, action: Action) {
        let expected = model.step(action);
        self.path.push(Step { action, now: model.now, expected });
    }

    /// Plays the path that led to this model, and what comes of it when everybody falls silent.
    fn play(&mut self, mut model: Model) {
        self.paths += 1;
        let chosen = self.path.len();
        while let Some(action) = model.winding_down() {
            self.expect(&mut model, action);
        }
        assert!(model.is_empty(), "the model itself is wrong: {model:?}");
        for since in [Since::Last, Since::Start] {
            self.expect(&mut model, Action::Look(since));
        }
        let mut trace = Trace { path: &self.path, chosen, begun: 0 };
        let mut play = Play::new(&self.stage);
        for step in &self.path {
            trace.begun += 1;
            let found = play.step(step.action, step.now);
            assert!(found == step.expected, "not what must be seen:\n{}", step.expected.difference(&found));
        }
        play.check_messages();
        drop(trace);
        self.path.truncate(chosen);
    }
}

impl Drop for Trace<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut text = String::from("That came of the last of these:\n");
        for (place, step) in self.path[..self.begun].iter().enumerate() {
            if place == self.chosen {
                text += "  - and then, as everybody is silent -\n";
            }
            text += &format!("  {}. {}\n", place + 1, step.action);
        }
        eprintln!("{text}");
    }
}

/// 4,360 paths of five actions, or fewer where the last one changes nothing.
#[test]
fn every_order_of_five_actions() {
    let mut explorer = Explorer::new();
    let model = explorer.begin(&[]);
    explorer.explore(&model, 5);
    assert_eq!(explorer.paths, 4360);
}

/// A has checked in, was pinged, and is due. 1,013 paths of three actions behind that.
#[test]
fn every_order_once_a_session_is_due() {
    let mut explorer = Explorer::new();
    let at = Action::Time(When::At);
    let model = explorer.begin(&[Action::SignIn(Who::A), Action::CheckIn(Who::A), at, at]);
    explorer.explore(&model, 3);
    assert_eq!(explorer.paths, 1013);
}

/// A has checked in, and B has just taken its place. 1,446 paths of three actions behind that.
#[test]
fn every_order_once_a_newer_session_has_come() {
    let mut explorer = Explorer::new();
    let model = explorer.begin(&[Action::SignIn(Who::A), Action::CheckIn(Who::A), Action::SignIn(Who::B)]);
    explorer.explore(&model, 3);
    assert_eq!(explorer.paths, 1446);
}

/// A has checked in, B has taken its place and said nothing but that it lives, and what it inherited is due. 2,208 paths of
/// three actions behind that.
#[test]
fn every_order_once_what_was_inherited_is_due() {
    let mut explorer = Explorer::new();
    let (a, b, at) = (Who::A, Who::B, Action::Time(When::At));
    let came = [Action::SignIn(a), Action::CheckIn(a), Action::SignIn(b)];
    let model = explorer.begin(&[&came[..], &[at, Action::KeepAlive(b), at]].concat());
    explorer.explore(&model, 3);
    assert_eq!(explorer.paths, 2208);
}

/// Every action in every state that up to six actions lead to, reached in one of the shortest ways: 11,779 paths of up
/// to seven actions, to 2,210 states.
#[test]
fn every_action_in_every_state() {
    let mut explorer = Explorer::new();
    let model = explorer.begin(&[]);
    let states = explorer.explore_states(model, 7);
    assert_eq!((explorer.paths, states), (11_779, 2210));
}
