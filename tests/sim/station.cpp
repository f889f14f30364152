#include "sim/station.hpp"

namespace mcq::sim {
namespace {

template <class Address>
std::string text_of_list(const std::vector<Address>& sources) {
  std::string text = " {";
  for (const auto& source : sources) text += text_of(source);
  return text + '}';
}
template <Family F>
std::string text_of_message(const Query<F>& query) {
  if (query.is_general()) return " ask";
  return " ask about " + text_of(query.group) + text_of_list(query.sources) +
         (query.suppress ? " S" : "");
}
template <Family F>
std::string text_of_message(const Report<F>& report) {
  return " report " + text_of(report.group) + " in version " +
         std::to_string(static_cast<int>(report.version));
}
template <Family F>
std::string text_of_message(const Leave<F>& leave) {
  return " leave " + text_of(leave.group);
}
template <Family F>
std::string text_of_message(const OwnReport<F>& report) {
  static constexpr const char* kTypes[] = {"",       " IS_IN", " IS_EX", " TO_IN",
                                           " TO_EX", " ALLOW", " BLOCK"};
  std::string text;
  for (const auto& record : report.records) {
    text += kTypes[static_cast<int>(record.type)];
    text += ' ' + text_of(record.group) + text_of_list(record.sources);
  }
  return text;
}

template <Family F>
std::string text_of_message(const RouterMessage& message) {
  static constexpr const char* kWords[] = {" advertise", " solicit", " terminate"};
  return kWords[static_cast<int>(message.type)];
}

}  // namespace

template <Family F>
void Station<F>::start() {
  querier_ = make_brain_(settings_, Random{world_.random.next()});
  if (is_refereed_) referee_.emplace(world_.verdict, settings_);
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
void Station<F>::stop() {
  apply(core::Stopped{});
  querier_.reset();
  disturb("stops");
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
  if (world_.verdict.has_listener() && can_hear()) {
    const auto what =
        std::visit([](const auto& m) { return text_of_message<F>(m); }, packet.message);
    world_.verdict.tell(world_.timeline.now(), name_, "receives " + text_of(packet.source) + what);
  }
  std::visit([&](const auto& message) { process(packet, message); }, packet.message);
}

template <Family F>
void Station<F>::process(const Packet<F>& packet, const Query<F>& query) {
  apply(core::QueryReceived<F>{packet.source, packet.destination, query});
}

template <Family F>
void Station<F>::process(const Packet<F>& packet, const Report<F>& report) {
  apply(core::ReportReceived<F>{packet.source, report});
}

template <Family F>
void Station<F>::process(const Packet<F>& packet, const Leave<F>& leave) {
  apply(core::LeaveReceived<F>{packet.source, leave});
}

template <Family F>
void Station<F>::process(const Packet<F>& packet, const OwnReport<F>& report) {
  for (const auto& [type, group, sources] : report.records) {
    apply(core::RecordReceived<F>{packet.source, {type, group, sources}});
  }
}

template <Family F>
void Station<F>::process(const Packet<F>& packet, const RouterMessage& message) {
  apply(core::RouterMessageReceived<F>{packet.source, packet.destination, message});
}

template <Family F>
bool Station<F>::can_ask() const {
  return querier_ && awake_ && link_.up && (settings_.proxy || !link_.self.is_unspecified());
}

template <Family F>
void Station<F>::check_silence() {
  if (referee_ && can_ask()) referee_->check_silence(own_now(), world_.timeline.now());
}

template <Family F>
void Station<F>::disturb(std::string_view what) {
  world_.disturb();
  world_.verdict.tell(world_.timeline.now(), name_, what);
}

template <Family F>
void Station<F>::apply(const core::Event<F>& event) {
  if (!querier_ || !awake_) return;
  ++steps_;
  const auto role_before = role();
  const auto due_before = querier_->deadline();
  auto actions = querier_->step(event, own_now());
  const auto due_after = querier_->deadline();
  for (const auto& action : actions) std::visit([&](const auto& a) { carry_out(a); }, action);
  const bool in_place = std::holds_alternative<core::Tick>(event) && due_after <= own_now();
  ticks_in_place_ = in_place ? ticks_in_place_ + 1 : 0;
  const bool is_stuck = ticks_in_place_ > kTicksInPlace;
  if (referee_) {
    referee_->watch({event, std::move(actions), role_before, role(), due_before, due_after,
                     is_stuck, *querier_},
                    own_now(), world_.timeline.now());
  }
  if (!is_stuck) set_alarm(due_after);
}

template <Family F>
void Station<F>::carry_out(const core::SendQuery<F>& send) {
  const auto when = seconds(world_.timeline.now());
  if (send.query.is_general()) {
    asked_.push_back(when);
    last_query_ = send;
    world_.verdict.tell(world_.timeline.now(), name_, "asks");
  } else {
    asked_specifically_.push_back(when);
    specific_queries_.push_back(send.query);
    world_.verdict.tell(world_.timeline.now(), name_, "says" + text_of_message(send.query));
  }
  if (link_.up) this->send({send.source, send.destination, send.query});
}

template <Family F>
void Station<F>::carry_out(const core::SendRouterMessage<F>& send) {
  told_.at(static_cast<std::size_t>(send.message.type)).push_back(seconds(world_.timeline.now()));
  world_.verdict.tell(world_.timeline.now(), name_, "says" + text_of_message<F>(send.message));
  if (link_.up) this->send({send.source, send.destination, send.message});
}

template <Family F>
void Station<F>::carry_out(const core::MembershipChanged<F>& change) const {
  static constexpr std::string_view kWords[] = {"learns of ", "forgets ", "forgets a source of "};
  const std::string words{kWords[static_cast<int>(change.change)]};
  world_.verdict.tell(world_.timeline.now(), name_, words + text_of(change.group));
}

template <Family F>
std::vector<double> Station<F>::asked_about(const Address& group) const {
  std::vector<double> times;
  for (std::size_t i = 0; i < specific_queries_.size(); ++i) {
    if (specific_queries_[i].group == group) times.push_back(asked_specifically_[i]);
  }
  return times;
}

template <Family F>
void Station<F>::carry_out(const core::RoleChanged<F>& change) const {
  static constexpr std::string_view kWords[] = {"waits", "is querier", "is no querier"};
  world_.verdict.tell(world_.timeline.now(), name_, kWords[static_cast<int>(change.to)]);
}

template <Family F>
void Station<F>::set_alarm(TimePoint due) {
  if (due == kNever) return;
  const auto when = std::max(due - clock_ahead_, world_.timeline.now());
  if (when == alarm_) return;
  alarm_ = when;
  world_.timeline.at(when, [this, when] {
    if (alarm_ == when) alarm_ = kNever;
    if (querier_ && awake_ && querier_->deadline() <= own_now()) apply(core::Tick{});
  });
}

template class Station<Igmp>;
template class Station<Mld>;

}  // namespace mcq::sim
