#include "sim/station.hpp"

namespace mcq::sim {

template <Family F>
void Station<F>::start() {
  querier_ = make_brain_(settings_, Random{world_.random.next()});
  referee_.emplace(world_.verdict, settings_);
  mail_.clear();
  awake_ = true;
  disturb("starts");
  apply(core::LinkChanged<F>{link_});
}

template <Family F>
void Station<F>::crash() {
  querier_.reset();
  disturb("crashes");
}

template <Family F>
void Station<F>::set_link_up(bool up) {
  link_.up = up;
  disturb(up ? "has its link" : "has no link");
  apply(core::LinkChanged<F>{link_});
}

template <Family F>
void Station<F>::readdress(const Address& self) {
  link_.self = self;
  disturb("becomes " + text_of(self));
  apply(core::LinkChanged<F>{link_});
}

template <Family F>
void Station<F>::reconfigure(const core::Settings<F>& settings) {
  settings_ = settings;
  disturb("gets other settings");
  apply(core::SettingsChanged<F>{settings});
}

template <Family F>
void Station<F>::sleep(bool keeps_mail) {
  awake_ = false;
  keeps_mail_ = keeps_mail;
  disturb("sleeps");
}

template <Family F>
void Station<F>::wake() {
  awake_ = true;
  disturb("wakes");
  apply(core::Tick{});
  apply(core::LinkChanged<F>{link_});  // it may have changed meanwhile
  for (const auto& packet : std::exchange(mail_, {})) receive(packet);
}

template <Family F>
void Station<F>::step_clock(Duration step) {
  clock_ahead_ += step;
  disturb("has its clock stepped");
  apply(core::Tick{});
}

template <Family F>
void Station<F>::receive(const Packet<F>& packet) {
  if (!awake_ && keeps_mail_) return mail_.push_back(packet);
  if (!link_.up) return;
  const auto* query = std::get_if<Query<F>>(&packet.message);
  if (query != nullptr) apply(core::QueryHeard<F>{packet.source, packet.destination, *query});
}

template <Family F>
bool Station<F>::can_ask() const {
  return querier_ && awake_ && link_.up && (settings_.proxy || !link_.self.is_unspecified());
}

template <Family F>
void Station<F>::check_silence() {
  if (can_ask()) referee_->check_silence(own_now(), world_.timeline.now());
}

template <Family F>
void Station<F>::disturb(std::string_view what) {
  world_.disturb();
  world_.verdict.tell(world_.timeline.now(), name_, what);
}

template <Family F>
void Station<F>::apply(const core::Event<F>& event) {
  if (!querier_ || !awake_) return;
  const auto due_before = querier_->deadline();
  auto actions = querier_->step(event, own_now());
  const auto due_after = querier_->deadline();
  for (const auto& action : actions) std::visit([&](const auto& a) { carry_out(a); }, action);
  referee_->watch({event, std::move(actions), role(), due_before, due_after}, own_now(),
                  world_.timeline.now());
  set_alarm(due_after);
}

template <Family F>
void Station<F>::carry_out(const core::SendQuery<F>& send) {
  asked_.push_back(seconds(world_.timeline.now()));
  last_query_ = send;
  world_.verdict.tell(world_.timeline.now(), name_, "asks");
  if (link_.up) this->send({send.source, send.destination, send.query});
}

template <Family F>
void Station<F>::carry_out(const core::RoleChanged<F>& change) const {
  static constexpr std::string_view kWords[] = {"waits", "is querier", "is no querier"};
  world_.verdict.tell(world_.timeline.now(), name_, kWords[static_cast<int>(change.to)]);
}

template <Family F>
void Station<F>::set_alarm(TimePoint due) {
  const auto when = due == kNever ? kNever : due - clock_ahead_;
  if (when == kNever || when == alarm_ || due <= own_now()) return;
  alarm_ = when;
  world_.timeline.at(when, [this] {
    if (querier_ && awake_ && querier_->deadline() <= own_now()) apply(core::Tick{});
  });
}

template class Station<Igmp>;
template class Station<Mld>;

}  // namespace mcq::sim
