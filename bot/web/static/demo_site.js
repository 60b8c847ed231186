// What the pages of a site need to vouch for a member who is logged in there: one function. It is called when the
// member opens a request's page in the widget, and never for a question.

window.madoguchi = {
  memberToken: async () => {
    const response = await fetch("/member-token", { method: "POST" });
    return response.text();
  },
};
