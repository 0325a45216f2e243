/// @file
/// How a server's requests and responses are read and changed.
#ifndef ONECORS_TRAITS_HPP
#define ONECORS_TRAITS_HPP

namespace onecors {

/// Reads a server's requests. Specialise it for the server's type with three static functions. The
/// views must live as long as the request:
///
///     template <>
///     struct onecors::RequestTraits<my::Request> {
///         // The method as received.
///         static std::string_view method(const my::Request &request);
///         // The path that the server routes on, without the query.
///         static std::string_view path(const my::Request &request);
///         // Calls line(value) for each line of a field. The name is case-insensitive.
///         template <typename Line>
///         static void lines(const my::Request &request, const char *name, Line &&line);
///     };
template <typename T>
struct RequestTraits;

/// Reads and changes a server's responses. Specialise it for the server's type with four static
/// functions:
///
///     template <>
///     struct onecors::ResponseTraits<my::Response> {
///         // Calls field(name, value) for every line of every field.
///         template <typename Field>
///         static void fields(const my::Response &response, Field &&field);
///         // Removes all lines of a field, whose name is spelled as `fields` spelled it.
///         static void erase(my::Response &response, const std::string &name);
///         // Adds a line. An overload for `std::string &&` avoids a copy of echoed values.
///         static void add(my::Response &response, const std::string &name,
///                         const std::string &value);
///         // Answers with a status and no body.
///         static void end(my::Response &response, int status);
///     };
template <typename T>
struct ResponseTraits;

}  // namespace onecors

#endif  // ONECORS_TRAITS_HPP
