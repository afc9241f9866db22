#include "record/messages.hpp"

#include <fmt/format.h>

namespace leat::record {

namespace {

struct Pair {
    const char* zh;
    const char* en;
};

Pair texts(Problem problem) {
    switch (problem) {
        case Problem::required:
            return {"{0}不能为空", "{0} must not be empty"};
        case Problem::minimum:
            return {"{0}不能小于 {1}", "{0} must not be less than {1}"};
        case Problem::maximum:
            return {"{0}不能大于 {1}", "{0} must not be greater than {1}"};
        case Problem::exclusive_minimum:
            return {"{0}必须大于 {1}", "{0} must be greater than {1}"};
        case Problem::exclusive_maximum:
            return {"{0}必须小于 {1}", "{0} must be less than {1}"};
        case Problem::min_length:
            return {"{0}至少要有 {1} 个字符", "{0} must have at least {1} characters"};
        case Problem::max_length:
            return {"{0}最多 {1} 个字符", "{0} must have at most {1} characters"};
        case Problem::min_items:
            return {"{0}至少要有 {1} 项", "{0} must have at least {1} items"};
        case Problem::max_items:
            return {"{0}最多 {1} 项", "{0} must have at most {1} items"};
        case Problem::email:
            return {"{0}不是有效的邮箱地址", "{0} is not an e-mail address"};
        case Problem::phone:
            return {"{0}不是有效的电话号码", "{0} is not a telephone number"};
        case Problem::url:
            return {"{0}不是有效的网址", "{0} is not a web address"};
        case Problem::form:
            return {"{0}不符合格式 {1}", "{0} does not have the format {1}"};
        case Problem::currency:
            return {"{0}的小数位数不足以表示 {1}", "{0} keeps too few digits after the point for {1}"};
        case Problem::pattern:
            return {"{0}不符合格式 {1}", "{0} does not match {1}"};
        case Problem::unique:
            return {"{0}已被使用：{1}", "{0} is used already by {1}"};
        case Problem::assertion:
            return {"不满足约束 {1}", "the constraint {1} does not hold"};
        case Problem::undecided:
            return {"{0}为空，无法判断 {1}", "{0} is empty, so {1} cannot be decided"};
        case Problem::deleted_target:
            return {"{0}指向的记录 {1} 已删除", "{0} refers to the deleted record {1}"};
        case Problem::still_referenced:
            return {"不能删除：{1} 仍在引用它", "it cannot be deleted: {1} refers to it"};
    }
    return {"{0}", "{0}"};
}

}  // namespace

bool chinese(std::string_view language) {
    return language.substr(0, 2) == "zh";
}

std::string label_of(const program::Field& field, std::string_view language) {
    std::string_view title = field.title.in(language);
    return std::string(title.empty() ? std::string_view(field.name) : title);
}

std::string default_message(Problem problem, std::string_view label, std::string_view detail,
                            std::string_view language) {
    Pair both = texts(problem);
    return fmt::format(fmt::runtime(chinese(language) ? both.zh : both.en), label, detail);
}

}  // namespace leat::record
