#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mcq::text {

/// The one of `words` that was probably meant by `given`: it begins with it, or differs by one
/// typing error, in longer words by two (a letter too many, too few, another, or two that changed
/// places). Empty when there is none.
std::string suggestion(std::string_view given, const std::vector<std::string>& words);

}  // namespace mcq::text
